namespace Castellan.Core.Representations;

/// <summary>An execution of a flow. Both spellings of the flow flag are on the wire.</summary>
public sealed class AuthenticationExecutionExportRepresentation
{
    /// <summary>The execution's id: stored, but in no realm file.</summary>
    public string? Id { get; set; }
    public string? AuthenticatorConfig { get; set; }
    public string? Authenticator { get; set; }
    public bool? AuthenticatorFlow { get; set; }
    public string? Requirement { get; set; }
    public int? Priority { get; set; }
    public bool? AutheticatorFlow { get; set; }
    public string? FlowAlias { get; set; }
    public bool? UserSetupAllowed { get; set; }
}
