using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Rfc7591;

public sealed class Clients_register_themselves
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseCookies = false });

    internal static async Task<(int Status, JsonElement Body)> CallAsync(HttpMethod method, string url, string? json, string? token)
    {
        using var request = new HttpRequestMessage(method, url);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var response = await s_http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    /// <summary>A realm where anybody on this machine may register, with a leave for one client.</summary>
    internal static async Task<(string At, TestServer Server, TestRealm Realm)> OpenAsync()
    {
        var server = await TestServer.OneAsync();
        var test = await server.RealmAsync(file => file.Users!.Add(new()
        {
            Username = "chief", Email = "chief@example.org", FirstName = "A", LastName = "B", Enabled = true,
            Credentials = [new() { Type = "password", Value = "correct-horse" }], ClientRoles = new() { ["realm-management"] = ["manage-clients"] },
        }));
        var realm = (await server.Realms.FindAsync(test.Name))!;
        var hosts = realm.Data.Components.First(c => c.ProviderId == "trusted-hosts");
        await server.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutPart(PartKind.Component, hosts.Id!, null, new Core.Representations.ComponentRepresentation
        {
            Id = hosts.Id, Name = hosts.Name, ProviderId = hosts.ProviderId, ProviderType = hosts.ProviderType, ParentId = hosts.ParentId, SubType = hosts.SubType,
            Config = new() { ["trusted-hosts"] = ["127.0.0.1", "localhost", "app.example"], ["client-uris-must-match"] = ["true"], ["host-sending-registration-request-must-match"] = ["true"] },
        })));
        return ($"{server.Url}/realms/{test.Name}/clients-registrations/openid-connect", server, test);
    }

    [Theory]
    [InlineData("application/xml", "<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' entityID='https://app.example/sp'><SPSSODescriptor protocolSupportEnumeration='urn:oasis:names:tc:SAML:2.0:protocol'><AssertionConsumerService Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST' Location='https://app.example/acs' index='0'/></SPSSODescriptor></EntityDescriptor>", 201)]
    [InlineData("application/xml", "<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' entityID='https://app.example/none'/>", 400)]
    [InlineData("application/xml", "<nonsense", 400)]
    [InlineData("application/xml", "", 400)]
    [InlineData("application/json", "{}", 415)]
    [InlineData("no type", "<x/>", 415)]
    public async Task A_service_provider_is_registered_by_its_metadata(string type, string xml, int status)
    {
        var (at, server, test) = await OpenAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, at.Replace("openid-connect", "saml2-entity-descriptor", StringComparison.Ordinal));
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(xml));
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var response = await s_http.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        var client = await server.Services.GetRequiredService<IClients>().FindAsync(await test.NowAsync(), "https://app.example/sp");
        Assert.Equal(status == 201 ? ("saml", "https://app.example/acs") : (null, null), (client?.Protocol, client?.Attribute("saml_assertion_consumer_url_post")));
        Assert.Equal(status == 201 ? $"{request.RequestUri}/https://app.example/sp" : null, response.Headers.Location?.OriginalString);
        using var again = new HttpRequestMessage(HttpMethod.Get, request.RequestUri + "/x");
        Assert.Equal(404, (int)(await s_http.SendAsync(again)).StatusCode);
    }

    [Theory]
    [InlineData("openid-connect", """{"client_name":"LONG","redirect_uris":["https://app.example/cb"]}""")]
    [InlineData("default", """{"name":"LONG"}""")]
    [InlineData("default", """{"defaultRoles":["fine","LONG"]}""")]
    [InlineData("default", """{"protocolMappers":[{"name":"LONG","protocolMapper":"oidc-full-name-mapper"}]}""")]
    public async Task Names_that_are_no_names_are_refused_in_the_form_of_registrations(string form, string json)
    {
        var (at, _, _) = await OpenAsync();
        json = json.Replace("LONG", new string('x', 256), StringComparison.Ordinal);
        var (status, body) = await CallAsync(HttpMethod.Post, at.Replace("openid-connect", form, StringComparison.Ordinal), json, null);
        Assert.Equal((400, "invalid_client_metadata"), (status, body.GetProperty("error").GetString()));
        Assert.Contains("longer than 255 characters", body.GetProperty("error_description").GetString(), StringComparison.Ordinal);
    }

    /// <summary>RFC 8705 §2.1.2: it has one certificate's subject, and not a pattern that others fit.</summary>
    [Fact]
    public async Task The_subject_of_a_certificate_is_registered_as_a_name()
    {
        var (at, server, test) = await OpenAsync();
        var (status, made) = await CallAsync(HttpMethod.Post, at, """
            {"redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_subject_dn":"CN=(.*)"}
            """, null);
        Assert.Equal((201, "CN=(.*)"), (status, made.GetProperty("tls_client_auth_subject_dn").GetString()));
        var client = await server.Services.GetRequiredService<IClients>().FindAsync(await test.NowAsync(), made.GetProperty("client_id").GetString()!);
        Assert.Equal("false", client!.Attribute("x509.allow.regex.pattern.comparison"));
    }

    [Fact]
    public async Task A_registered_client_keeps_what_it_said_and_may_change_and_remove_itself()
    {
        var (at, _, _) = await OpenAsync();
        var (status, made) = await CallAsync(HttpMethod.Post, at, """
            {"client_name":"made","redirect_uris":["https://app.example/cb"],"grant_types":["authorization_code"],"token_endpoint_auth_method":"client_secret_post","logo_uri":"https://app.example/logo"}
            """, null);
        Assert.Equal(201, status);
        var own = made.GetProperty("registration_client_uri").GetString()!;
        var token = made.GetProperty("registration_access_token").GetString();
        Assert.Equal("client_secret_post", made.GetProperty("token_endpoint_auth_method").GetString());
        Assert.Equal(["authorization_code"], made.GetProperty("grant_types").EnumerateArray().Select(g => g.GetString()!));
        Assert.Equal("https://app.example/logo", made.GetProperty("logo_uri").GetString());
        Assert.Equal(401, (await CallAsync(HttpMethod.Get, own, null, null)).Status);

        var id = made.GetProperty("client_id").GetString();
        var (unnamed, refused) = await CallAsync(HttpMethod.Put, own, """{"client_name":"renamed","redirect_uris":["https://app.example/cb"]}""", token);
        Assert.Equal((400, "Client Identifier modified"), (unnamed, refused.GetProperty("error_description").GetString()));
        var (_, changed) = await CallAsync(HttpMethod.Put, own, $$"""{"client_id":"{{id}}","client_name":"renamed","redirect_uris":["https://app.example/cb"],"subject_type":"pairwise"}""", token);
        Assert.Equal("pairwise", changed.GetProperty("subject_type").GetString());
        Assert.Equal("renamed", changed.GetProperty("client_name").GetString());
        Assert.False(changed.TryGetProperty("logo_uri", out _));
        var newer = changed.GetProperty("registration_access_token").GetString();
        Assert.Equal(401, (await CallAsync(HttpMethod.Get, own, null, token)).Status);
        Assert.Equal(204, (await CallAsync(HttpMethod.Delete, own, null, newer)).Status);
        Assert.Equal(401, (await CallAsync(HttpMethod.Get, own, null, newer)).Status);
    }

    /// <summary>OpenID Connect Core §8.1, however a client comes to be: administration asks the same.</summary>
    [Fact]
    public async Task Who_wants_pairwise_subjects_has_one_host_or_a_sector()
    {
        const string several = "Without a configured Sector Identifier URI, client redirect URIs must not contain multiple host components.";
        var (at, _, _) = await OpenAsync();
        const string hosts = "\"redirect_uris\":[\"https://app.example/cb\",\"https://localhost/cb\"],\"subject_type\":\"pairwise\"";
        var (status, refused) = await CallAsync(HttpMethod.Post, at, "{" + hosts + "}", null);
        Assert.Equal((400, "invalid_client_metadata", several), (status, refused.GetProperty("error").GetString(), refused.GetProperty("error_description").GetString()));

        var (_, made) = await CallAsync(HttpMethod.Post, at, """{"redirect_uris":["https://app.example/cb"],"subject_type":"pairwise"}""", null);
        var (own, token) = (made.GetProperty("registration_client_uri").GetString()!, made.GetProperty("registration_access_token").GetString());
        (status, refused) = await CallAsync(HttpMethod.Put, own, $$"""{"client_id":"{{made.GetProperty("client_id").GetString()}}",{{hosts}}}""", token);
        Assert.Equal((400, several), (status, refused.GetProperty("error_description").GetString()));
    }

    [Theory]
    [InlineData("urn:ietf:params:oauth:grant-type:token-exchange", "standard.token.exchange.enabled")]
    [InlineData("urn:ietf:params:oauth:grant-type:device_code", "oauth2.device.authorization.grant.enabled")]
    [InlineData("urn:ietf:params:oauth:grant-type:jwt-bearer", "oauth2.jwt.authorization.grant.enabled")]
    public async Task A_client_may_use_the_grants_that_it_names(string grant, string attribute)
    {
        var (at, server, test) = await OpenAsync();
        foreach (var named in (bool[])[true, false])
        {
            var grants = named ? $"""["authorization_code","{grant}"]""" : """["authorization_code"]""";
            var (_, made) = await CallAsync(HttpMethod.Post, at, $$"""{"redirect_uris":["https://app.example/cb"],"grant_types":{{grants}}}""", null);
            Assert.Equal(named, made.GetProperty("grant_types").EnumerateArray().Any(g => g.GetString() == grant));
            var realm = (await server.Realms.FindAsync(test.Name))!;
            var client = await ((Core.Clients.IClients)server.Services.GetService(typeof(Core.Clients.IClients))!).FindAsync(realm, made.GetProperty("client_id").GetString()!);
            Assert.Equal(named, client!.Flag(attribute));
        }
    }

    [Theory]
    [InlineData("""{"redirect_uris":["https://elsewhere.example/cb"]}""", 403, "insufficient_scope")]
    [InlineData("""{"redirect_uris":["https://app.example/cb"],"scope":"nonsense"}""", 403, "insufficient_scope")]
    [InlineData("""{"redirect_uris":["https://app.example/cb#x"]}""", 400, "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"magic"}""", 400, "invalid_client_metadata")]
    [InlineData("""{"redirect_uris":["https://app.example/cb"],"initiate_login_uri":"http://app.example/start"}""", 400, "invalid_client_metadata")]
    [InlineData("""{"redirect_uris":["https://app.example/cb"],"initiate_login_uri":"start"}""", 400, "invalid_client_metadata")]
    [InlineData("""{"redirect_uris":["https://app.example/cb"],"response_types":["nonsense"]}""", 400, "invalid_client_metadata")]
    [InlineData("""{"redirect_uris":["https://app.example/cb"],"response_types":["none code"]}""", 400, "invalid_client_metadata")]
    [InlineData("""{"redirect_uris":["https://app.example/cb"],"jwks_uri":"https://app.example/keys","jwks":{"keys":[]}}""", 400, "invalid_client_metadata")]
    [InlineData("""{"redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"private_key_jwt"}""", 400, "invalid_client_metadata")]
    [InlineData("""{"redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[]}}""", 400, "invalid_client_metadata")]
    [InlineData("""{"token_endpoint_auth_method":"none","grant_types":["urn:ietf:params:oauth:grant-type:token-exchange"]}""", 400, "invalid_client_metadata")]
    [InlineData("""{"token_endpoint_auth_method":"none","grant_types":["urn:ietf:params:oauth:grant-type:jwt-bearer"]}""", 400, "invalid_client_metadata")]
    [InlineData("""{"client_id":"mine"}""", 400, "invalid_client_metadata")]
    public async Task What_may_not_be_is_refused(string metadata, int status, string error)
    {
        var (at, _, _) = await OpenAsync();
        var (got, body) = await CallAsync(HttpMethod.Post, at, metadata, null);
        Assert.Equal((status, error), (got, body.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task Where_others_may_send_people_to_begin_is_kept_and_shown()
    {
        var (at, _, _) = await OpenAsync();
        var (status, made) = await CallAsync(HttpMethod.Post, at, """{"redirect_uris":["https://app.example/cb"],"initiate_login_uri":"https://app.example/start"}""", null);
        Assert.Equal((201, "https://app.example/start"), (status, made.GetProperty("initiate_login_uri").GetString()));
        var (_, read) = await CallAsync(HttpMethod.Get, made.GetProperty("registration_client_uri").GetString()!, null, made.GetProperty("registration_access_token").GetString());
        Assert.Equal("https://app.example/start", read.GetProperty("initiate_login_uri").GetString());
    }

    /// <summary>Whose token it is decides what may be done with it, and whether a new one is handed out.</summary>
    [Fact]
    public async Task An_administrator_gets_no_token_of_the_client_and_a_leave_to_register_shows_and_removes_none()
    {
        var (at, server, test) = await OpenAsync();
        var (_, made) = await CallAsync(HttpMethod.Post, at, """{"redirect_uris":["https://app.example/cb"]}""", null);
        var own = made.GetProperty("registration_client_uri").GetString()!;
        var chief = (await test.PostAsync("token", ("client_id", "admin-cli"), ("grant_type", "password"), ("username", "chief"), ("password", "correct-horse"))).Access;
        var (read, changed) = (await CallAsync(HttpMethod.Get, own, null, chief), await CallAsync(
            HttpMethod.Put, own, $$"""{"client_id":"{{made.GetProperty("client_id").GetString()}}","redirect_uris":["https://app.example/cb"],"scope":"address"}""", chief));
        Assert.Equal((200, false, 200, false), (read.Status, read.Body.TryGetProperty("registration_access_token", out _), changed.Status, changed.Body.TryGetProperty("registration_access_token", out _)));

        var realm = await test.NowAsync();
        var client = await server.Services.GetRequiredService<IClients>().FindAsync(realm, made.GetProperty("client_id").GetString()!);
        Assert.Equal("address", Assert.Single(client!.OptionalScopes).Name);
        Assert.Contains(client.DefaultScopes, s => s.Name == "profile");
        var leave = await LeaveAsync(server, test);
        Assert.Equal((401, "Not initial access token allowed"), Said(await CallAsync(HttpMethod.Get, own, null, leave)));
        Assert.Equal((401, "Not authorized to update client. Maybe missing token or bad token type."), Said(await CallAsync(HttpMethod.Delete, own, null, leave)));

        static (int, string?) Said((int Status, JsonElement Body) answer) => (answer.Status, answer.Body.GetProperty("error_description").GetString());
    }

    private static async Task<string> LeaveAsync(TestServer server, TestRealm test)
    {
        var realm = (await server.Realms.FindAsync(test.Name))!;
        var access = new InitialAccess(Core.Ids.New(), 1, 1, 0, DateTimeOffset.UtcNow.ToUnixTimeSeconds(), []);
        await server.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutPart(PartKind.Component, access.Id, null, access.ToComponent(realm.Id))));
        var tokens = server.Services.GetRequiredService<Server.Registration.RegistrationTokens>();
        return await tokens.SignAsync(realm, $"{server.Url}/realms/{test.Name}", access.Id, Server.Registration.RegistrationTokens.InitialAccess);
    }

    [Fact]
    public async Task Of_many_who_race_with_one_initial_access_token_one_registers()
    {
        var (at, server, test) = await OpenAsync();
        var token = await LeaveAsync(server, test);
        var all = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => CallAsync(HttpMethod.Post, at, """{"redirect_uris":["https://app.example/cb"]}""", token)));
        Assert.Single(all, a => a.Status == 201);
        Assert.Equal(11, all.Count(a => a.Status == 401));
    }

    /// <summary>The response types say which flows there are; where none are named, the grants do (OpenID Connect Dynamic Client Registration §2).</summary>
    [Theory]
    [InlineData("", "", true, false)]
    [InlineData("", "implicit", false, true)]
    [InlineData("", "authorization_code implicit", true, true)]
    [InlineData("", "client_credentials", false, false)]
    [InlineData("code", "client_credentials", true, false)]
    [InlineData("none", "", true, false)]
    [InlineData("id_token", "authorization_code", false, true)]
    [InlineData("code|id_token token", "authorization_code", true, true)]
    public async Task The_flows_are_those_of_the_response_types(string responses, string grants, bool standard, bool hidden)
    {
        var (at, server, test) = await OpenAsync();
        var more = List("response_types", responses, '|') + List("grant_types", grants, ' ');
        var (status, made) = await CallAsync(HttpMethod.Post, at, $$"""{"redirect_uris":["https://app.example/cb"]{{more}}}""", null);
        Assert.Equal(201, status);
        var client = (await server.Services.GetRequiredService<IClients>().FindAsync(await test.NowAsync(), made.GetProperty("client_id").GetString()!))!.Representation;
        Assert.Equal((standard, hidden), (client.StandardFlowEnabled, client.ImplicitFlowEnabled));

        static string List(string member, string names, char between) => names.Length == 0 ? "" : $",\"{member}\":[\"{names.Replace(between.ToString(), "\",\"", StringComparison.Ordinal)}\"]";
    }

    /// <summary>OpenID Connect Back-Channel Logout §2.2 would have it the other way round; Keycloak names the session unless it is told not to.</summary>
    [Theory, InlineData("", true), InlineData(",\"backchannel_logout_session_required\":true", true), InlineData(",\"backchannel_logout_session_required\":false", false)]
    public async Task A_client_hears_which_session_has_ended_unless_it_will_not(string more, bool hears)
    {
        var (at, server, test) = await OpenAsync();
        var (_, made) = await CallAsync(HttpMethod.Post, at, $$"""{"redirect_uris":["https://app.example/cb"],"backchannel_logout_uri":"https://app.example/out"{{more}}}""", null);
        var client = await server.Services.GetRequiredService<IClients>().FindAsync(await test.NowAsync(), made.GetProperty("client_id").GetString()!);
        Assert.Equal(hears, client!.Flag("backchannel.logout.session.required"));
    }

    /// <summary>OpenID Connect Front-Channel Logout §2: here it is told of no session unless it asks.</summary>
    [Theory, InlineData("", "false"), InlineData(",\"frontchannel_logout_session_required\":true", "true")]
    public async Task A_browser_names_no_session_that_a_client_did_not_ask_for(string more, string names)
    {
        var (at, server, test) = await OpenAsync();
        var (_, made) = await CallAsync(HttpMethod.Post, at, $$"""{"redirect_uris":["https://app.example/cb"],"frontchannel_logout_uri":"https://app.example/out"{{more}}}""", null);
        var client = await server.Services.GetRequiredService<IClients>().FindAsync(await test.NowAsync(), made.GetProperty("client_id").GetString()!);
        Assert.Equal(names, client!.Attribute("frontchannel.logout.session.required"));
    }

    [Theory]
    [InlineData("", "client_secret_basic", null), InlineData(",\"token_endpoint_auth_method\":\"client_secret_basic\"", "client_secret_basic", "client_secret_basic")]
    [InlineData(",\"token_endpoint_auth_method\":\"client_secret_post\"", "client_secret_post", "client_secret_post")]
    [InlineData(",\"token_endpoint_auth_method\":\"client_secret_jwt\"", "client_secret_jwt", null)]
    public async Task A_client_that_says_how_its_secret_comes_is_held_to_it(string more, string shown, string? only)
    {
        var (at, server, test) = await OpenAsync();
        var (_, made) = await CallAsync(HttpMethod.Post, at, $$"""{"redirect_uris":["https://app.example/cb"]{{more}}}""", null);
        Assert.Equal(shown, made.GetProperty("token_endpoint_auth_method").GetString());
        var client = await server.Services.GetRequiredService<IClients>().FindAsync(await test.NowAsync(), made.GetProperty("client_id").GetString()!);
        Assert.Equal(only, client!.Attribute("client.secret.authentication.allowed.method"));
    }

    [Fact]
    public async Task Two_hundred_clients_are_enough_where_no_number_is_set()
    {
        var (at, server, test) = await OpenAsync();
        var realm = (await server.Realms.FindAsync(test.Name))!;
        var policy = realm.Data.Components.First(c => c is { ProviderId: "max-clients", SubType: "anonymous" });
        var changes = new ChangeSet(realm.Id).Add(new PutPart(PartKind.Component, policy.Id!, null, new Core.Representations.ComponentRepresentation
        {
            Id = policy.Id, Name = policy.Name, ProviderId = policy.ProviderId, ProviderType = policy.ProviderType, ParentId = policy.ParentId, SubType = policy.SubType,
        }));
        foreach (var number in Enumerable.Range(1, 200))
        {
            changes.Add(new PutClient(new() { Id = Core.Ids.New(), ClientId = $"c{number}", Enabled = true, Protocol = "openid-connect" }));
        }

        await server.Realms.ApplyAsync(changes);
        var (status, refused) = await CallAsync(HttpMethod.Post, at, """{"redirect_uris":["https://app.example/cb"]}""", null);
        Assert.Equal(403, status);
        Assert.EndsWith("It's allowed to have max 200 clients per realm", refused.GetProperty("error_description").GetString(), StringComparison.Ordinal);
    }

    /// <summary>What an administrator gave a client it need not give back to change its name.</summary>
    [Fact]
    public async Task An_administrator_may_trust_a_client_more_than_it_could_ask_for()
    {
        var (at, _, test) = await OpenAsync();
        at = at.Replace("/openid-connect", "/default", StringComparison.Ordinal);
        var (_, made) = await CallAsync(HttpMethod.Post, at, """{"clientId":"trusted","redirectUris":["https://app.example/cb"]}""", null);
        var token = made.GetProperty("registrationAccessToken").GetString();
        var (status, refused) = await CallAsync(HttpMethod.Put, $"{at}/trusted", """{"clientId":"trusted","fullScopeAllowed":true}""", token);
        Assert.Equal((403, "insufficient_scope"), (status, refused.GetProperty("error").GetString()));
        await test.SetClientAsync("trusted", c => (c.ConsentRequired, c.FullScopeAllowed) = (false, true));
        (status, made) = await CallAsync(HttpMethod.Put, $"{at}/trusted", """{"clientId":"trusted","name":"Shop"}""", token);
        Assert.Equal((200, false, true), (status, made.GetProperty("consentRequired").GetBoolean(), made.GetProperty("fullScopeAllowed").GetBoolean()));
        (status, refused) = await CallAsync(HttpMethod.Put, $"{at}/trusted", """{"clientId":"trusted","consentRequired":true}""", made.GetProperty("registrationAccessToken").GetString());
        Assert.Equal((200, true), (status, refused.GetProperty("consentRequired").GetBoolean()));
    }

    [Theory]
    [InlineData("baseUrl", "https://elsewhere.example/", "URL doesn't match any trusted host or trusted domain")]
    [InlineData("rootUrl", "https://elsewhere.example", "URL doesn't match any trusted host or trusted domain")]
    [InlineData("redirectUris", "https://elsewhere.example/cb", "URI doesn't match any trusted host or trusted domain")]
    public async Task Which_address_is_of_no_trusted_host_is_said(string member, string value, string why)
    {
        var (at, _, _) = await OpenAsync();
        var given = member == "redirectUris" ? $"[\"{value}\"]" : $"\"{value}\"";
        var (status, refused) = await CallAsync(HttpMethod.Post, at.Replace("/openid-connect", "/default", StringComparison.Ordinal), $$"""{"clientId":"x","{{member}}":{{given}}}""", null);
        Assert.Equal(403, status);
        Assert.EndsWith($"Details: {why}", refused.GetProperty("error_description").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Whoever has an address says what it is called; that the name leads back to it they cannot say.</summary>
    [Theory, InlineData("203.0.113.7", "app.trusted.example"), InlineData("203.0.113.8", null)]
    public async Task The_name_of_a_caller_leads_back_to_it(string address, string? name)
    {
        var found = await Server.Registration.CallerNames.FindAsync(
            System.Net.IPAddress.Parse(address), (_, _) => new("app.trusted.example"), (_, _) => new([System.Net.IPAddress.Parse("203.0.113.7")]), TestContext.Current.CancellationToken);
        Assert.Equal(name, found);
    }

    /// <summary>The configuration file of an application that can keep a secret is for who knows it.</summary>
    [Theory]
    [InlineData("api:api-secret", 200, null), InlineData("api:wrong", 401, "Failed to authenticate client"), InlineData("other:other-secret", 401, "Different client authenticated")]
    [InlineData(null, 401, "Failed to authenticate client")]
    public async Task A_client_fetches_its_configuration_with_its_secret(string? credentials, int status, string? why)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients!.Add(new() { ClientId = "other", Secret = "other-secret", PublicClient = false }));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{realm.Issuer}/clients-registrations/install/api");
        request.Headers.Authorization = credentials is null ? null : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        using var response = await s_http.SendAsync(request);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(status, (int)response.StatusCode);
        if (why is null)
        {
            Assert.Equal("api-secret", body.RootElement.GetProperty("credentials").GetProperty("secret").GetString());
        }
        else
        {
            Assert.Equal(why, body.RootElement.GetProperty("error_description").GetString());
        }
    }

    /// <summary>The token of one client makes nobody of its bearer where another is registered: the policies for anybody count.</summary>
    [Fact]
    public async Task The_token_of_a_client_registers_no_other()
    {
        var (at, server, test) = await OpenAsync();
        var (status, made) = await CallAsync(HttpMethod.Post, at, """{"redirect_uris":["https://app.example/cb"]}""", null);
        Assert.Equal(201, status);
        var token = made.GetProperty("registration_access_token").GetString();
        Assert.Equal(201, (await CallAsync(HttpMethod.Post, at, """{"redirect_uris":["https://app.example/cb"]}""", token)).Status);
        var realm = (await server.Realms.FindAsync(test.Name))!;
        var hosts = realm.Data.Components.First(c => c.ProviderId == "trusted-hosts");
        await server.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutPart(PartKind.Component, hosts.Id!, null, new Core.Representations.ComponentRepresentation
        {
            Id = hosts.Id, Name = hosts.Name, ProviderId = hosts.ProviderId, ProviderType = hosts.ProviderType, ParentId = hosts.ParentId, SubType = hosts.SubType,
            Config = new() { ["host-sending-registration-request-must-match"] = ["true"], ["client-uris-must-match"] = ["true"] },
        })));
        var (refused, answer) = await CallAsync(HttpMethod.Post, at, """{"redirect_uris":["https://app.example/cb"]}""", token);
        Assert.Equal((403, "insufficient_scope"), (refused, answer.GetProperty("error").GetString()));
    }
}
