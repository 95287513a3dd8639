using System.Net;
using System.Text;
using Castellan.Core.Keys;
using Castellan.Protocol.Jose;
using Castellan.Tests.Rfc7515;

namespace Castellan.Tests.Rfc9101;

/// <summary>
/// Request objects: what is believed, what it changes, and that no nesting or algorithm leads around a signature that the client demands
/// (CVE-2026-9793, CVE-2026-11800, CVE-2022-23539 to 23541, CVE-2026-35042, CVE-2024-28176, GHSA-2c7c-3mj9-8fqh).
/// </summary>
public sealed class Request_objects
{
    private const string Callback = "http://localhost:3000/callback";
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    public static TheoryData<string> Algorithms => [.. SignatureAlgorithm.Asymmetric.Select(a => a.Name)];

    [Theory, MemberData(nameof(Algorithms))]
    public async Task An_object_that_the_client_signed_is_taken(string algorithm)
    {
        var realm = await s_shared.Value;
        Assert.True(await IsTakenAsync(realm, Signed(algorithm)));
    }

    [Fact]
    public async Task A_client_with_a_secret_may_sign_with_it()
    {
        var realm = await s_shared.Value;
        Assert.True(await IsTakenAsync(realm, ByKey(new OctKey("api-secret"u8.ToArray()), "HS256", null, Claims("api")), "api"));
        Assert.False(await IsTakenAsync(realm, ByKey(new OctKey("api-secreT"u8.ToArray()), "HS256", null, Claims("api")), "api"));
    }

    [Fact]
    public async Task An_unsigned_one_counts_as_much_as_parameters_do() => Assert.True(await IsTakenAsync(await s_shared.Value, Unsigned()));

    public static TheoryData<string> Forgeries =>
    [
        "HS256 with the public key in PEM", "HS256 with the public key in DER", "HS256 with the JWK", "HS256 with an empty secret", "HS256 with the client's id", "none with a signature", "none with capitals", "another key of that name", "another algorithm of that key",
        "a key that is nobody's", "a key of the realm", "the signature cut off", "one character changed", "one character more", "crit", "no algorithm", "two payloads", "another client's id", "a reference inside", "not JSON", "a list", "garbage", "dots", "nothing",
    ];

    [Theory, MemberData(nameof(Forgeries))]
    public async Task A_forged_one_is_refused(string how)
    {
        var realm = await s_shared.Value;
        var rsa = TestKeys.For(SignatureAlgorithm.RS256);
        var signed = Signed("RS256");
        var parts = signed.Split('.');
        var forged = how switch
        {
            "HS256 with the public key in PEM" => ByKey(new OctKey(Encoding.ASCII.GetBytes(KeyFiles.WritePublicKey(rsa))), "HS256", "RS256"),
            "HS256 with the public key in DER" => ByKey(new OctKey(rsa.SubjectPublicKeyInfo()), "HS256", "RS256"),
            "HS256 with the JWK" => ByKey(new OctKey(Encoding.UTF8.GetBytes(rsa.ToJwk().ToJson())), "HS256", "RS256"),
            "HS256 with an empty secret" => ByKey(new OctKey([0]), "HS256", "RS256"),
            "HS256 with the client's id" => ByKey(new OctKey("web"u8.ToArray()), "HS256", null),
            "none with a signature" => $"{Encode("""{"alg":"none"}""")}.{parts[1]}.{parts[2]}",
            "none with capitals" => $"{Encode("""{"alg":"None"}""")}.{parts[1]}.",
            "another key of that name" => ByKey(TestKeys.Rsa(1), "RS256", "RS256"),
            "another algorithm of that key" => ByKey(rsa, "RS512", "RS256"),
            "a key that is nobody's" => ByKey(TestKeys.Rsa(1), "RS256", "nobody"),
            "a key of the realm" => JwsWriter.Sign(KeyRing.Of(await realm.NowAsync()).Signing("RS256")!, Encoding.UTF8.GetBytes(Claims())),
            "the signature cut off" => $"{parts[0]}.{parts[1]}.",
            "one character changed" => signed[..^8] + "AAAAAAAA",
            "one character more" => signed + "A",
            "crit" => $"{Encode("""{"alg":"none","crit":["x"],"x":1}""")}.{parts[1]}.",
            "no algorithm" => $"{Encode("{}")}.{parts[1]}.",
            "two payloads" => $"{parts[0]}.{parts[1]}.{parts[1]}.{parts[2]}",
            "another client's id" => Signed("RS256", Claims("api")),
            "a reference inside" => Signed("RS256", $$"""{"redirect_uri":"{{Callback}}","request_uri":"https://app.example/"}"""),
            "not JSON" => Signed("RS256", "redirect_uri=x"),
            "a list" => Signed("RS256", "[]"),
            "garbage" => "garbage",
            "dots" => new string('.', 8_000),
            _ => ".",
        };
        Assert.False(await IsTakenAsync(realm, forged));
    }

    /// <summary>Every way to put one thing into another, against every demand of the client: only what carries the signature that is demanded passes.</summary>
    [Theory]
    [InlineData("signed", null, true), InlineData("signed", "RS256", true), InlineData("signed", "ES256", false), InlineData("signed", "none", false)]
    [InlineData("unsigned", null, true), InlineData("unsigned", "RS256", false), InlineData("unsigned", "none", true)]
    [InlineData("encrypted(signed)", null, true), InlineData("encrypted(signed)", "RS256", true), InlineData("encrypted(signed)", "ES256", false)]
    [InlineData("encrypted(unsigned)", null, true), InlineData("encrypted(unsigned)", "RS256", false), InlineData("encrypted(unsigned)", "none", true)]
    [InlineData("encrypted(claims)", null, true), InlineData("encrypted(claims)", "RS256", false), InlineData("encrypted(claims)", "none", false)]
    [InlineData("encrypted(forged)", null, false), InlineData("encrypted(forged)", "RS256", false)]
    [InlineData("encrypted(encrypted(signed))", null, false), InlineData("encrypted(encrypted(claims))", null, false), InlineData("encrypted(nothing)", null, false)]
    [InlineData("signed(encrypted)", null, false), InlineData("signed(signed)", null, false)]
    public async Task What_is_nested_carries_the_signature_that_is_demanded(string form, string? demanded, bool taken)
    {
        var realm = await s_shared.Value;
        var client = demanded is null ? "web" : $"web-{demanded}";
        var text = form switch
        {
            "signed" => Signed("RS256", Claims(client)),
            "unsigned" => Unsigned(client),
            "encrypted(signed)" => await SealAsync(realm, Signed("RS256", Claims(client))),
            "encrypted(unsigned)" => await SealAsync(realm, Unsigned(client)),
            "encrypted(claims)" => await SealAsync(realm, Claims(client)),
            "encrypted(forged)" => await SealAsync(realm, ByKey(TestKeys.Rsa(1), "RS256", "RS256", Claims(client))),
            "encrypted(encrypted(signed))" => await SealAsync(realm, await SealAsync(realm, Signed("RS256", Claims(client)))),
            "encrypted(encrypted(claims))" => await SealAsync(realm, await SealAsync(realm, Claims(client))),
            "encrypted(nothing)" => await SealAsync(realm, ""),
            "signed(encrypted)" => Signed("RS256", await SealAsync(realm, Claims(client))),
            _ => Signed("RS256", Signed("RS256", Claims(client))),
        };
        Assert.Equal(taken, await IsTakenAsync(realm, text, client));
    }

    [Fact]
    public async Task What_is_encrypted_otherwise_than_for_the_realm_is_refused()
    {
        var realm = await s_shared.Value;
        var ring = KeyRing.Of(await realm.NowAsync());
        var key = ring.Active(RealmKey.Enc, "RSA-OAEP")!;
        var content = Encoding.UTF8.GetBytes(Signed("RS256"));
        string Seal(JoseKey to, KeyEncryption algorithm, string? kid) => Jwe.Encrypt(content, to, algorithm, ContentEncryption.A128Gcm, kid, "JWT");
        Assert.True(await IsTakenAsync(realm, Seal(key.Key, KeyEncryption.RsaOaep, null)));
        Assert.True(await IsTakenAsync(realm, Seal(key.Key, KeyEncryption.RsaOaep256, key.Kid)));
        var good = Seal(key.Key, KeyEncryption.RsaOaep, key.Kid);
        var parts = good.Split('.');
        List<string> bad =
        [
            // The old padding is an oracle; another's key, a key that signs, a name that nobody has.
            Seal(key.Key, KeyEncryption.Rsa15, key.Kid), Seal(TestKeys.Rsa(1), KeyEncryption.RsaOaep, key.Kid), Seal(ring.Signing("RS256")!.Key, KeyEncryption.RsaOaep, ring.Signing("RS256")!.Kid),
            Seal(key.Key, KeyEncryption.RsaOaep, "nobody"), Jwe.Encrypt(content, new OctKey(new byte[16]), KeyEncryption.Dir, ContentEncryption.A128Gcm, key.Kid),
            // Nothing is inflated, no password costs as much as its sender likes, no extension is passed over; a header is part of what is sealed.
            .. ((string[])["""{"alg":"RSA-OAEP","enc":"A128GCM","zip":"DEF"}""", """{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":1000000000,"p2s":"AAAA"}""", """{"alg":"RSA-OAEP","enc":"A128GCM","crit":["x"],"x":1}""",
                """{"alg":"none","enc":"none"}""", """{"alg":"RSA-OAEP"}""", """{"alg":"RSA-OAEP","enc":"A128GCM"}""", "{}", "[]", "x"]).Select(header => $"{Encode(header)}.{string.Join('.', parts[1..])}"),
            // Parts empty, cut and changed.
            .. Enumerable.Range(0, 5).SelectMany(i => (string[])["", "AAAA", parts[i][..^4], parts[i] + "AAAA"], (i, part) => string.Join('.', parts[..i].Append(part).Concat(parts[(i + 1)..]))),
            good + ".", "." + good, string.Join('.', parts[..4]), "....",
        ];
        foreach (var text in bad)
        {
            Assert.False(await IsTakenAsync(realm, text), text);
        }
    }

    [Theory]
    [InlineData("RSA-OAEP-256", null), InlineData(null, "A256GCM"), InlineData("ECDH-ES", "A128GCM")]
    public async Task Another_encryption_than_the_client_demands_is_refused(string? alg, string? enc)
    {
        var realm = await RealmAsync();
        Assert.True(await IsTakenAsync(realm, await SealAsync(realm, Signed("RS256"))));
        await realm.SetClientAsync("web", c => (c.Attributes!["request.object.encryption.alg"], c.Attributes["request.object.encryption.enc"]) = (alg ?? "", enc ?? ""));
        Assert.False(await IsTakenAsync(realm, await SealAsync(realm, Signed("RS256"))));
    }

    [Theory]
    [InlineData("request or request_uri", false), InlineData("request only", false), InlineData("request_uri only", false), InlineData("not required", true)]
    public async Task A_client_may_have_to_ask_by_objects(string required, bool plain)
    {
        var realm = await RealmAsync();
        await realm.SetClientAsync("web", c => c.Attributes!["request.object.required"] = required);
        Assert.Equal(plain, (await AskAsync(realm, ("redirect_uri", Callback))).StatusCode == HttpStatusCode.OK);
        Assert.Equal(required != "request_uri only", await IsTakenAsync(realm, Signed("RS256")));
    }

    [Fact]
    public async Task What_stands_inside_counts_and_the_rest_fills_the_gaps()
    {
        var realm = await s_shared.Value;
        var answer = await AskAsync(
            realm, ("state", "outside"), ("redirect_uri", "https://evil.tld/"), ("prompt", "none"), ("request", Signed("RS256", $$"""{"client_id":"web","redirect_uri":"{{Callback}}","state":"inside","max_age":7}""")));
        Assert.StartsWith($"{Callback}?error=login_required&state=inside&", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_type_inside_must_not_differ()
    {
        var realm = await RealmAsync();
        await realm.SetClientAsync("web", c => c.ImplicitFlowEnabled = true);
        var answer = await AskAsync(realm, ("nonce", "n"), ("request", Signed("RS256", $$"""{"redirect_uri":"{{Callback}}","response_type":"id_token"}""")));
        Assert.Contains("error=invalid_request&error_description=Parameter%20response_type%20does%20not%20match", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_inside_is_taken_for_a_note_of_the_server()
    {
        // Names under which the server keeps its own notes beside the parameters.
        var realm = await s_shared.Value;
        foreach (var note in Core.Login.LoginNotes.OfTheServer)
        {
            Assert.True(await IsTakenAsync(realm, Signed("RS256", $$"""{"redirect_uri":"{{Callback}}","{{note}}":"99"}""")));
        }
    }

    private static readonly Lazy<Task<TestRealm>> s_shared = new(RealmAsync);

    /// <summary>A realm with the client <c>web</c>, and <c>web-…</c> for each signature that one may demand.</summary>
    private static async Task<TestRealm> RealmAsync() => await (await TestServer.OneAsync()).RealmAsync(r =>
    {
        r.Clients![1].Attributes = Attributes();
        foreach (var demanded in (string[])["RS256", "ES256", "none"])
        {
            r.Clients.Add(new() { ClientId = $"web-{demanded}", PublicClient = true, StandardFlowEnabled = true, RedirectUris = r.Clients[1].RedirectUris, Attributes = Attributes(("request.object.signature.alg", demanded)) });
        }
    });

    private static Dictionary<string, string?> Attributes(params (string Name, string Value)[] more)
    {
        var attributes = new Dictionary<string, string?> { ["use.jwks.string"] = "true", ["jwks.string"] = Encoding.UTF8.GetString(Keys()) };
        foreach (var (name, value) in more)
        {
            attributes[name] = value;
        }

        return attributes;
    }

    private static byte[] Keys()
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new System.Text.Json.Utf8JsonWriter(buffer))
        {
            new JwkSet([.. SignatureAlgorithm.Asymmetric.Select(a => TestKeys.For(a).ToJwk() with { Kid = a.Name, Alg = a.Name, Use = "sig" })]).WriteTo(json);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string Claims(string client = "web") => $$"""{"client_id":"{{client}}","redirect_uri":"{{Callback}}","state":"inside"}""";

    private static string Unsigned(string client = "web") => $"{Encode("""{"alg":"none"}""")}.{Encode(Claims(client))}.";

    private static string Signed(string algorithm, string? claims = null) => ByKey(TestKeys.For(TestKeys.Algorithm(algorithm)), algorithm, algorithm, claims);

    private static string ByKey(JoseKey key, string algorithm, string? kid, string? claims = null) =>
        JwsWriter.Sign(new SigningKey(key, TestKeys.Algorithm(algorithm), kid), Encoding.UTF8.GetBytes(claims ?? Claims()));

    private static async Task<string> SealAsync(TestRealm realm, string content)
    {
        var key = KeyRing.Of(await realm.NowAsync()).Active(RealmKey.Enc, "RSA-OAEP")!;
        return Jwe.Encrypt(Encoding.UTF8.GetBytes(content), key.Key, KeyEncryption.RsaOaep, ContentEncryption.A128Gcm, key.Kid, "JWT");
    }

    private static async Task<bool> IsTakenAsync(TestRealm realm, string request, string client = "web")
    {
        using var answer = await AskAsync(realm, ("client_id", client), ("request", request));
        var page = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            Assert.Contains("kc-form-login", page, StringComparison.Ordinal);
            return true;
        }

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Invalid Request", page, StringComparison.Ordinal);
        Assert.Null(answer.Headers.Location);
        return false;
    }

    private static Task<HttpResponseMessage> AskAsync(TestRealm realm, params (string Name, string Value)[] parameters)
    {
        var all = new Dictionary<string, string> { ["client_id"] = "web", ["response_type"] = "code", ["scope"] = "openid" };
        foreach (var (name, value) in parameters)
        {
            all[name] = value;
        }

        return s_http.GetAsync($"{realm.Issuer}/protocol/openid-connect/auth?{string.Join('&', all.Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}"))}");
    }

    private static string Encode(string text) => StrictBase64Url.Encode(Encoding.UTF8.GetBytes(text));
}
