namespace Castellan.Core.Login.Protocols;

/// <summary>The protocols by which clients ask for sign-ins.</summary>
public sealed class SignInProtocols(IEnumerable<ISignInProtocol> protocols)
{
    public const string OpenIdConnect = "openid-connect";
    public const string Saml = "saml";

    private readonly Dictionary<string, ISignInProtocol> _byName = protocols.ToDictionary(p => p.Name, StringComparer.Ordinal);

    /// <summary>The one by which the sign-in was asked for.</summary>
    public ISignInProtocol Of(AuthenticationTab tab) => _byName[tab.Protocol];
}
