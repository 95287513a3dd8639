using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Credentials.WebAuthn;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Tests.Users;

namespace Castellan.Tests.Credentials;

using PeopleRealm = Castellan.Tests.Users.PeopleRealm;

/// <summary>An authenticator in software: ES256, any attestation that it can make itself.</summary>
internal sealed class SoftAuthenticator
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(32);

    public string Origin { get; set; } = "https://id.example.org";

    public string RpId { get; set; } = "id.example.org";

    public byte Flags { get; set; } = 0x05;

    public uint Counter { get; set; } = 1;

    public string Format { get; set; } = "none";

    /// <summary>The model that it says to be.</summary>
    public Guid Model { get; set; }

    /// <summary>Who vouches for it, and signs in its place.</summary>
    public AttestationMaker? Maker { get; set; }

    /// <summary>Turns the signature into one for something else.</summary>
    public bool Forge { get; set; }

    public string CredentialId => Base64Url.EncodeToString(_id);

    public WebAuthnAttestation Create(string challenge, string type = "webauthn.create")
    {
        var q = _key.ExportParameters(false).Q;
        var key = new CborWriter();
        key.WriteStartMap(5);
        foreach (var (label, number) in new[] { (1, 2), (3, -7), (-1, 1) })
        {
            key.WriteInt32(label);
            key.WriteInt32(number);
        }

        key.WriteInt32(-2);
        key.WriteByteString(q.X!);
        key.WriteInt32(-3);
        key.WriteByteString(q.Y!);
        key.WriteEndMap();
        byte[] data = [.. Head((byte)(Flags | 0x40)), .. Model.ToByteArray(bigEndian: true), 0, (byte)_id.Length, .. _id, .. key.Encode()];
        var clientData = ClientData(type, challenge);
        var attestation = new CborWriter();
        attestation.WriteStartMap(3);
        attestation.WriteTextString("fmt");
        attestation.WriteTextString(Format);
        attestation.WriteTextString("attStmt");
        if (Maker is not null)
        {
            Maker.Write(attestation, Format, q, [.. data, .. SHA256.HashData(Forge ? [] : clientData)]);
        }
        else
        {
            attestation.WriteStartMap(Format == "none" ? 0 : 2);
            if (Format != "none")
            {
                attestation.WriteTextString("alg");
                attestation.WriteInt32(-7);
                attestation.WriteTextString("sig");
                attestation.WriteByteString(Sign(data, clientData));
            }

            attestation.WriteEndMap();
        }

        attestation.WriteTextString("authData");
        attestation.WriteByteString(data);
        attestation.WriteEndMap();
        return new(Base64Url.EncodeToString(clientData), Base64Url.EncodeToString(attestation.Encode()), CredentialId, "internal,usb", null);
    }

    public WebAuthnAnswer Get(string challenge, string type = "webauthn.get")
    {
        var data = Head(Flags);
        var clientData = ClientData(type, challenge);
        return new(Base64Url.EncodeToString(clientData), Base64Url.EncodeToString(data), Base64Url.EncodeToString(Sign(data, clientData)), CredentialId);
    }

    private byte[] Sign(byte[] data, byte[] clientData) =>
        _key.SignData([.. data, .. SHA256.HashData(Forge ? [] : clientData)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    private byte[] ClientData(string type, string challenge) =>
        Encoding.UTF8.GetBytes(new JsonObject { ["type"] = type, ["challenge"] = challenge, ["origin"] = Origin, ["crossOrigin"] = false }.ToJsonString());

    private byte[] Head(byte flags)
    {
        var counter = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(counter, Counter);
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(RpId)), flags, .. counter];
    }
}

/// <summary>CVE-2026-6856, CVE-2026-8830: every check of a registration and of a sign-in.</summary>
public class Passkeys_are_checked
{
    private static readonly string s_challenge = WebAuthnExpectation.NewChallenge();

    private static WebAuthnExpectation Expect(PeopleRealm realm) => new(WebAuthnPolicy.Passwordless(realm.Realm), s_challenge, "https://id.example.org");

    public static TheoryData<string, string> BadRegistrations => new()
    {
        { "origin", "Input data does not match expected form" },
        { "type", "Input data does not match expected form" },
        { "challenge", "The actual challenge does not match the expected challenge" },
        { "rp", "rpIdHash doesn't match the hash of preconfigured rpId." },
        { "not verified", "Verifier is configured to check user verified, but UV flag in authenticatorData is not set." },
        { "not present", "Verifier is configured to check user present, but UP flag in authenticatorData is not set." },
        { "forged packed", "Attestation signature is invalid" },
        { "unknown format", "Attestation statement format 'moon' is not supported" },
        { "no CBOR", "Input data does not match expected form" },
    };

    [Theory, MemberData(nameof(BadRegistrations))]
    public async Task A_registration_that_is_wrong_is_refused(string fault, string problem)
    {
        await using var realm = await PeopleRealm.OpenAsync();
        var authenticator = new SoftAuthenticator();
        Spoil(authenticator, fault);
        var given = authenticator.Create(fault == "challenge" ? WebAuthnExpectation.NewChallenge() : s_challenge, fault == "type" ? "webauthn.get" : "webauthn.create");
        given = fault == "no CBOR" ? given with { AttestationObject = "AAAA" } : given;
        var outcome = realm.WebAuthn.Register(Expect(realm), given, "mine");
        Assert.Equal((problem, true), (outcome.Problem, outcome.Credential is null));
    }

    [Theory, InlineData("none"), InlineData("packed")]
    public async Task A_key_is_registered_and_signs_its_owner_in(string format)
    {
        await using var realm = await PeopleRealm.OpenAsync();
        var user = await realm.AddUserAsync("petra");
        var authenticator = await RegisterAsync(realm, user, format);
        var stored = Assert.Single(await realm.Store.CredentialsAsync("r", user.Id));
        var data = JsonNode.Parse(stored.CredentialData!)!;
        Assert.Equal(("webauthn-passwordless", "{}", format, 1), (stored.Type, stored.SecretData, (string?)data["attestationStatementFormat"], (int)data["counter"]!));
        Assert.Equal(["internal", "usb"], WebAuthnCredential.TransportsOf(stored));
        Assert.Equal(authenticator.CredentialId, WebAuthnCredential.IdOf(stored));

        authenticator.Counter = 5;
        Assert.Null((await realm.WebAuthn.AuthenticateAsync(realm.Realm, user, Expect(realm), authenticator.Get(s_challenge))).Problem);
        Assert.Equal(5, WebAuthnCredential.Read(Assert.Single(await realm.Store.CredentialsAsync("r", user.Id)))!.Counter);
    }

    public static TheoryData<string, string> BadAnswers => new()
    {
        { "origin", "Input data does not match expected form" },
        { "type", "Input data does not match expected form" },
        { "challenge", "The actual challenge does not match the expected challenge" },
        { "rp", "rpIdHash doesn't match the hash of preconfigured rpId." },
        { "not verified", "Verifier is configured to check user verified, but UV flag in authenticatorData is not set." },
        { "forged", "Assertion signature is not valid." },
        { "counter", "Malicious counter value is detected. Cloned authenticators exist in parallel." },
        { "stranger", WebAuthnCeremonies.UnknownKey },
    };

    [Theory, MemberData(nameof(BadAnswers))]
    public async Task An_answer_that_is_wrong_is_refused(string fault, string problem)
    {
        await using var realm = await PeopleRealm.OpenAsync();
        var user = await realm.AddUserAsync("petra");
        var authenticator = await RegisterAsync(realm, user, "none");
        authenticator.Counter = fault == "counter" ? 1u : 2u;
        Spoil(authenticator, fault);
        var given = (fault == "stranger" ? new SoftAuthenticator() : authenticator).Get(
            fault == "challenge" ? WebAuthnExpectation.NewChallenge() : s_challenge, fault == "type" ? "webauthn.create" : "webauthn.get");
        Assert.Equal(problem, (await realm.WebAuthn.AuthenticateAsync(realm.Realm, user, Expect(realm), given)).Problem);
    }

    [Fact]
    public async Task Of_parallel_uses_of_one_answer_one_counts()
    {
        await using var realm = await PeopleRealm.OpenAsync();
        var user = await realm.AddUserAsync("petra");
        var authenticator = await RegisterAsync(realm, user, "none");
        authenticator.Counter = 2;
        var answer = authenticator.Get(s_challenge);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await realm.WebAuthn.AuthenticateAsync(realm.Realm, user, Expect(realm), answer))));
        Assert.Single(outcomes, o => o.Problem is null);
    }

    [Theory]
    [InlineData(null, "Authenticator attachment is required by the policy but was not provided by the client.")]
    [InlineData("cross-platform", "Policy requires 'platform' authenticator attachment but got 'cross-platform'")]
    [InlineData("platform", null)]
    public async Task The_kind_of_authenticator_must_be_the_one_that_the_realm_wants(string? attachment, string? problem)
    {
        await using var realm = await PeopleRealm.OpenAsync(r => r.WebAuthnPolicyPasswordlessAuthenticatorAttachment = "platform");
        var given = new SoftAuthenticator().Create(s_challenge) with { AuthenticatorAttachment = attachment };
        Assert.Equal(problem, realm.WebAuthn.Register(Expect(realm), given, null).Problem);
    }

    [Fact]
    public async Task Algorithms_and_models_that_the_realm_does_not_want_are_refused()
    {
        await using var realm = await PeopleRealm.OpenAsync(r => r.WebAuthnPolicyPasswordlessSignatureAlgorithms = ["RS256"]);
        Assert.Equal("alg not listed in options.pubKeyCredParams is used.", realm.WebAuthn.Register(Expect(realm), new SoftAuthenticator().Create(s_challenge), null).Problem);
        await realm.ConfigureAsync(r => r.WebAuthnPolicyPasswordlessAcceptableAaguids = ["11111111-1111-1111-1111-111111111111"]);
        Assert.StartsWith("not acceptable aaguid", realm.WebAuthn.Register(Expect(realm), new SoftAuthenticator().Create(s_challenge), null).Problem);
    }

    [Fact]
    public async Task Bytes_of_chance_never_end_in_an_exception()
    {
        await using var realm = await PeopleRealm.OpenAsync();
        var user = await realm.AddUserAsync("petra");
        var good = new SoftAuthenticator().Create(s_challenge);
        var attestation = Base64Url.DecodeFromChars(good.AttestationObject);
        for (var i = 0; i < attestation.Length; i++)
        {
            var bad = (byte[])attestation.Clone();
            bad[i] ^= (byte)(1 + RandomNumberGenerator.GetInt32(255));
            _ = realm.WebAuthn.Register(Expect(realm), good with { AttestationObject = Base64Url.EncodeToString(bad) }, null);
            _ = realm.WebAuthn.Register(Expect(realm), good with { AttestationObject = Base64Url.EncodeToString(attestation.AsSpan(0, i)) }, null);
            _ = await realm.WebAuthn.AuthenticateAsync(realm.Realm, user, Expect(realm), new(good.ClientDataJson, Base64Url.EncodeToString(bad), "AAAA", "AAAA"));
        }
    }

    private static async Task<SoftAuthenticator> RegisterAsync(PeopleRealm realm, User user, string format)
    {
        var authenticator = new SoftAuthenticator { Format = format };
        var outcome = realm.WebAuthn.Register(Expect(realm), authenticator.Create(s_challenge), "mine");
        Assert.Null(outcome.Problem);
        await realm.ApplyAsync(new PutCredential(user.Id, outcome.Credential!));
        return authenticator;
    }

    private static void Spoil(SoftAuthenticator authenticator, string fault)
    {
        switch (fault)
        {
            case "origin": authenticator.Origin = "https://evil.example"; break;
            case "rp": authenticator.RpId = "evil.example"; break;
            case "not verified": authenticator.Flags = 0x01; break;
            case "not present": authenticator.Flags = 0x04; break;
            case "forged": authenticator.Forge = true; break;
            case "forged packed": (authenticator.Forge, authenticator.Format) = (true, "packed"); break;
            case "unknown format": authenticator.Format = "moon"; break;
        }
    }
}
