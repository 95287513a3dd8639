namespace Castellan.Core.Representations;

/// <summary>The link of a user to an account at an identity provider.</summary>
public sealed class FederatedIdentityRepresentation
{
    public string? IdentityProvider { get; set; }
    public string? UserId { get; set; }
    public string? UserName { get; set; }
}
