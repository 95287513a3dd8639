namespace Castellan.Core.Representations;

/// <summary>The configuration of an execution.</summary>
public sealed class AuthenticatorConfigRepresentation
{
    public string? Id { get; set; }
    public string? Alias { get; set; }
    public Dictionary<string, string?>? Config { get; set; }
}
