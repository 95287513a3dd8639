using System.Text;
using System.Xml;
using Castellan.Core.Clients;
using Castellan.Server.Http;
using Castellan.Server.Saml;

namespace Castellan.Server.Admin.Clients.Installation;

/// <summary>The settings of Keycloak's SAML adapter for a client.</summary>
/// <param name="Signature">How the client signs; empty when it does not.</param>
/// <param name="SignOn">The settings for signing on.</param>
/// <param name="Logout">The settings for signing off.</param>
internal sealed record SamlAdapter(
    string EntityId, string SslPolicy, (string Name, string Value)[] Signature, (string Name, string Value)[] SignOn, (string Name, string Value)[] Logout)
{
    public const string LogoutPage = "SPECIFY YOUR LOGOUT PAGE!";

    public const string NoKey = "PRIVATE KEY NOT SET UP OR KNOWN";

    public const string NoCertificate = "YOU MUST CONFIGURE YOUR CLIENT's SIGNING CERTIFICATE";

    public static SamlAdapter Of(AdminContext context, Client client)
    {
        var saml = new SamlClient(client);
        var endpoint = context.Service<ServerUrls>().Issuer(context.Http, context.Realm) + SamlEndpoints.Path;
        var (signs, checks) = (XmlConvert.ToString(saml.SignsMessages), XmlConvert.ToString(saml.WantsSignedDocuments));
        return new(
            client.Representation.BaseUrl is { Length: > 0 } url ? url : "SPECIFY YOUR entityID!",
            (context.Realm.Settings.SslRequired ?? "external").ToUpperInvariant(),
            saml.SignsMessages
                ?
                [
                    ("signatureAlgorithm", saml.SignatureAlgorithm ?? "RSA_SHA256"),
                    .. saml.Canonicalization is { } method ? [("signatureCanonicalizationMethod", method)] : Array.Empty<(string, string)>(),
                ]
                : [],
            [
                ("signRequest", signs), ("validateResponseSignature", checks), ("validateAssertionSignature", XmlConvert.ToString(saml.WantsSignedAssertions)),
                ("requestBinding", "POST"), ("bindingUrl", endpoint),
            ],
            [
                ("signRequest", signs), ("signResponse", signs), ("validateRequestSignature", checks), ("validateResponseSignature", checks),
                ("requestBinding", "POST"), ("responseBinding", "POST"), ("postBindingUrl", endpoint), ("redirectBindingUrl", endpoint),
            ]);
    }

    /// <summary>The settings as commands for an application server's console, in the form that Keycloak gives them.</summary>
    public static string Commands(AdminContext context, Client client)
    {
        var (saml, adapter) = (new SamlClient(client), Of(context, client));
        const string Deployment = "/subsystem=keycloak-saml/secure-deployment=YOUR-WAR.war";
        var provider = $"{Deployment}/SP=\"{adapter.EntityId}\"";
        var text = new StringBuilder()
            .Append(Deployment).Append("/:add\n\n")
            .Append(provider).Append("/:add(sslPolicy=").Append(adapter.SslPolicy).Append(",logoutPage=\"").Append(LogoutPage).Append("\"\n\n");
        if (saml.SignsMessages)
        {
            text.Append(provider).Append("/Key=KEY1:add(signing=true, \\\nPrivateKeyPem=\"").Append(saml.SigningKey ?? NoKey)
                .Append("\", \\\nCertificatePem=\"").Append(saml.SigningCertificate ?? NoCertificate.Replace("YOUR CLIENT", "YOUR_CLIENT", StringComparison.Ordinal)).Append("\")\n\n");
        }

        if (saml.WantsEncryption)
        {
            text.Append(provider).Append("/Key=KEY2:add(encryption=true,PrivateKeyPem=\"").Append(saml.EncryptionKey ?? NoKey).Append("\")\n\n");
        }

        text.Append(provider).Append("/IDP=idp/:add( \\\n    SingleSignOnService={ \\\n").Append(Members(adapter.SignOn))
            .Append("}, \\\n    SingleLogoutService={ \\\n").Append(Members(adapter.Logout)).Append("} \\\n)\n\n");
        text.AppendJoin('\n', adapter.Signature.Select(s => $"{provider}/IDP=idp/:write-attribute(name={s.Name},value={s.Value})\n"));
        return adapter.Signature.Length == 1 ? text.Append('\n').ToString() : text.ToString();

        static string Members((string Name, string Value)[] members) => string.Join(", \\\n", members.Select(m => $"        {m.Name}={m.Value}"));
    }
}
