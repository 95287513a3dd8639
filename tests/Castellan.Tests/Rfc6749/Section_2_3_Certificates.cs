using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Castellan.Core.Clients;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Events;
using Castellan.Protocol.Messages;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Rfc6749;

/// <summary>RFC 8705 §2.1: a client is known by the subject of its certificate. Keycloak takes it for a pattern unless that is switched off.</summary>
public sealed class Section_2_3_Certificates
{
    private static readonly Lazy<byte[]> s_certificate = new(() =>
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=app.example, O=Shop", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200)).RawData;
    });

    [Theory]
    [InlineData("CN=app.example, O=Shop", null, true)]
    [InlineData("CN=app.example, O=Shop", "true", true)]
    [InlineData("CN=app.example,O=Shop", "false", true)]
    [InlineData("(.*?)CN=app(.*)", null, true)]
    [InlineData("(.*?)CN=app(.*)", "true", true)]
    [InlineData("(.*?)CN=app(.*)", "false", false)]
    [InlineData("CN=app", null, false)]
    [InlineData("CN=other(.*)", null, false)]
    [InlineData("CN=(", null, false)]
    public async Task The_subject_may_be_a_pattern_unless_it_may_not(string subject, string? mayBe, bool enters)
    {
        var attributes = new Dictionary<string, string?> { ["x509.subjectdn"] = subject };
        if (mayBe is not null)
        {
            attributes["x509.allow.regex.pattern.comparison"] = mayBe;
        }

        var test = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients!.Add(new() { ClientId = "app", ClientAuthenticatorType = "client-x509", Attributes = attributes! }));
        var realm = await test.NowAsync();
        var client = (await test.Server.Services.GetRequiredService<IClients>().FindAsync(realm, "app"))!;
        var proof = new ClientProof
        {
            Realm = realm, Issuer = test.Issuer, Certificate = s_certificate.Value, Endpoint = ClientEndpoint.Token, Event = new LoginEvent { Type = EventTypes.ClientLogin },
            Form = new Form([new("client_id", "app")]),
        };
        Assert.Equal(enters, await new CertificateMethod().CheckAsync(client, default, null, proof, TestContext.Current.CancellationToken) is null);
    }
}
