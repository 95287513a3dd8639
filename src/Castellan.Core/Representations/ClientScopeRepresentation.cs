namespace Castellan.Core.Representations;

/// <summary>A client scope with its protocol mappers.</summary>
public sealed class ClientScopeRepresentation
{
    public string? Id { get; set; }
    public string? Name { get; set; }
    public string? Description { get; set; }
    public string? Protocol { get; set; }
    public Dictionary<string, string?>? Attributes { get; set; }
    public List<ProtocolMapperRepresentation>? ProtocolMappers { get; set; }
}
