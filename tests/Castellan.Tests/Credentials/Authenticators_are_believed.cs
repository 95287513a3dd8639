using Castellan.Core.Credentials.WebAuthn;
using Castellan.Core.Representations;
using Castellan.Tests.Users;

namespace Castellan.Tests.Credentials;

/// <summary>CVE-2026-6856: which model a key is of counts only where its maker, whom the server trusts, vouches for it.</summary>
public sealed class Authenticators_are_believed
{
    private const string Module = "2.23.133.8.3";

    private static readonly string s_challenge = WebAuthnExpectation.NewChallenge();
    private static readonly Guid s_model = new("2fc0579f-8113-47ea-b116-bb5a8db9202a");

    [Theory]
    // What the realm asks for, the models that it takes, the statement, who made it; and what is said.
    [InlineData("not specified", false, "none", "nobody", null)]
    [InlineData("none", false, "none", "nobody", null)]
    [InlineData("direct", false, "none", "nobody", "AttestationVerifier is not configured to handle the supplied AttestationStatement format 'none'.")]
    [InlineData("indirect", false, "none", "nobody", "AttestationVerifier is not configured to handle the supplied AttestationStatement format 'none'.")]
    [InlineData("enterprise", false, "none", "nobody", "AttestationVerifier is not configured to handle the supplied AttestationStatement format 'none'.")]
    [InlineData("direct", false, "packed", "nobody", null)]
    [InlineData("direct", false, "packed", "maker", null)]
    [InlineData("direct", false, "packed", "stranger", "invalid cert path")]
    [InlineData("none", false, "packed", "stranger", "invalid cert path")]
    [InlineData("none", true, "none", "nobody", "not acceptable aaguid = 2fc0579f-8113-47ea-b116-bb5a8db9202a")]
    [InlineData("direct", true, "packed", "nobody", "not acceptable aaguid = 2fc0579f-8113-47ea-b116-bb5a8db9202a")]
    [InlineData("direct", true, "packed", "stranger", "invalid cert path")]
    [InlineData("direct", true, "packed", "maker", null)]
    [InlineData("direct", true, "packed", "maker of others", "Attestation certificate is not one of an authenticator")]
    [InlineData("direct", false, "packed", "maker of servers", "Attestation certificate is not one of an authenticator")]
    [InlineData("direct", false, "packed", "authority", "Attestation certificate is not one of an authenticator")]
    [InlineData("direct", true, "tpm", "maker of modules", null)]
    [InlineData("direct", true, "tpm", "maker", "Attestation certificate is not one of an authenticator")]
    [InlineData("direct", true, "tpm", "nobody", "Attestation statement is malformed")]
    [InlineData("direct", false, "tpm", "nobody", "Attestation statement is malformed")]
    public async Task A_model_counts_when_its_maker_vouches_for_it(string preference, bool models, string format, string maker, string? problem)
    {
        await using var realm = await PeopleRealm.OpenAsync(r => Set(r, preference, models));
        using var made = maker switch
        {
            "nobody" => null,
            "maker of others" => new AttestationMaker(Guid.Empty),
            "maker of servers" => new AttestationMaker(s_model, "CN=id.example.org"),
            "authority" => new AttestationMaker(s_model, authority: true),
            "maker of modules" => new AttestationMaker(s_model, "", Module),
            _ => new AttestationMaker(s_model),
        };
        if (made is not null && maker != "stranger")
        {
            realm.AttestationRoots.Add(made.Root);
        }

        var authenticator = new SoftAuthenticator { Format = format, Maker = made, Model = s_model };
        Assert.Equal(problem, realm.WebAuthn.Register(Expect(realm), authenticator.Create(s_challenge), null).Problem);
    }

    [Theory]
    [InlineData("another key", "Attestation certificate does not belong to the key")]
    [InlineData("another name", "Attestation signature is invalid")]
    [InlineData("not made by it", "Attestation signature is invalid")]
    [InlineData("no certificate of a key", "Attestation signature is invalid")]
    [InlineData("short", "Attestation statement is malformed")]
    [InlineData("forged", "Attestation signature is invalid")]
    public async Task A_module_certifies_the_very_key_for_the_very_registration(string fault, string problem)
    {
        await using var realm = await PeopleRealm.OpenAsync(r => Set(r, "direct", models: false));
        using var maker = new AttestationMaker(s_model, "", Module) { Fault = fault };
        realm.AttestationRoots.Add(maker.Root);
        var authenticator = new SoftAuthenticator { Format = "tpm", Maker = maker, Model = s_model, Forge = fault == "forged" };
        Assert.Equal(problem, realm.WebAuthn.Register(Expect(realm), authenticator.Create(s_challenge), null).Problem);
    }

    private static void Set(RealmRepresentation realm, string preference, bool models)
    {
        realm.WebAuthnPolicyPasswordlessAttestationConveyancePreference = preference;
        realm.WebAuthnPolicyPasswordlessAcceptableAaguids = models ? [$"{s_model}"] : [];
    }

    private static WebAuthnExpectation Expect(PeopleRealm realm) => new(WebAuthnPolicy.Passwordless(realm.Realm), s_challenge, "https://id.example.org");
}
