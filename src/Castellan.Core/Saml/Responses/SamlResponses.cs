using System.Collections.ObjectModel;
using System.Globalization;
using System.Xml;
using Castellan.Core.Clients;
using Castellan.Core.Login;
using Castellan.Core.Login.Protocols;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Saml.Responses.Mappers;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Responses;

/// <summary>A sign-in of which a client is to hear.</summary>
public sealed record SamlSignedIn
{
    public required Realm Realm { get; init; }

    public required Client Client { get; init; }

    public required User User { get; init; }

    public required UserSession Session { get; init; }

    public required ClientSession ClientSession { get; init; }

    /// <summary>The realm's address.</summary>
    public required string Issuer { get; init; }

    /// <summary>Where the response goes.</summary>
    public required string Destination { get; init; }

    /// <summary>The request that it answers; null where nobody asked.</summary>
    public string? RequestId { get; init; }

    /// <summary>The kind of name that was asked for.</summary>
    public string? NameIdFormat { get; init; }
}

/// <summary>A response that is ready but for what its binding adds.</summary>
/// <param name="NameId">The name by which the client knows the person from now on; what ends the session has to name it.</param>
/// <param name="Write">Writes it, with what else goes into it; the assertion signed and encrypted as the client wants it, the whole not signed.</param>
public sealed record SamlResponse(SamlNameId NameId, Func<Action<XmlWriter>?, XmlDocument> Write);

/// <summary>Writes responses to sign-ins (SAML profiles §4.1.4.2).</summary>
public sealed class SamlResponses(NameIds names, IClients clients, ProviderKeys keys, OrganizationMemberships organizations, TimeProvider time)
{
    /// <summary>The code of a refusal of which no client is told: the response cannot be written as the client is configured.</summary>
    public const string Unwritable = "invalid_saml_response";

    /// <summary>How much earlier than now a response is valid, for clocks that are late.</summary>
    private static readonly TimeSpan s_early = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The response to a sign-in. Refused with <see cref="SamlStatus.InvalidNameIdPolicy"/>, of which the client is told, when the person has no name of the kind;
    /// with <see cref="Unwritable"/>, and the message of a page, when it cannot be written.
    /// </summary>
    public async ValueTask<Result<SamlResponse>> WriteAsync(SamlSignedIn done, CancellationToken ct = default)
    {
        var (realm, client) = (done.Realm, done.Client);
        var format = NameIds.Format(client, done.NameIdFormat);
        var context = await MapAsync(done, format, ct);
        if (await NameAsync(done, format, context, ct) is not { } name)
        {
            return new ProtocolError(SamlStatus.InvalidNameIdPolicy);
        }

        XmlSigner? signer = null;
        if (client.Flag("saml.assertion.signature") && (signer = RealmSigner.Of(realm, client)) is null)
        {
            return new ProtocolError(Unwritable, RealmSigner.Problem(client));
        }

        XmlEncryption? encryption = null;
        if (!Audience.IsAddress(client.ClientId) || (client.Flag("saml.encrypt") && (encryption = await ClientEncryption.OfAsync(client, keys, ct)) is null))
        {
            return new ProtocolError(Unwritable, "failedToProcessResponseMessage");
        }

        var response = Respond(done, name, context);
        return new SamlResponse(name, extensions => Protect(response.Write(extensions), signer, encryption));
    }

    /// <summary>The same as an example: neither signed nor encrypted.</summary>
    public async ValueTask<Result<XmlDocument>> ExampleAsync(SamlSignedIn done, CancellationToken ct = default)
    {
        var format = NameIds.Format(done.Client, done.NameIdFormat);
        var context = await MapAsync(done, format, ct);
        return await NameAsync(done, format, context, ct) is { } name ? Respond(done, name, context).Write() : new ProtocolError(SamlStatus.InvalidNameIdPolicy);
    }

    private async ValueTask<SamlNameId?> NameAsync(SamlSignedIn done, string format, SamlMapperContext context, CancellationToken ct) =>
        (context.IsNamed ? context.MappedName : await names.FindAsync(done.Realm, done.Client, done.User, format, ct)) is { Length: > 0 } name ? new(format, name) : null;

    private AssertionResponse Respond(SamlSignedIn done, SamlNameId name, SamlMapperContext context)
    {
        var (settings, client, now) = (done.Realm.Settings, done.Client, time.GetUtcNow());
        var early = now - s_early;
        int? own = int.TryParse(client.Attribute("saml.assertion.lifespan"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? seconds : null;
        return new()
        {
            Id = NewId(), Issued = now, Issuer = done.Issuer, Destination = done.Destination, InResponseTo = done.RequestId,
            Assertion = new()
            {
                Id = NewId(), Issued = now, Issuer = done.Issuer, Subject = name, InResponseTo = done.RequestId, Recipient = done.Destination,
                ConfirmedUntil = early.AddSeconds(own ?? settings.AccessTokenLifespan ?? 300),
                NotBefore = early, NotOnOrAfter = early.AddSeconds(own ?? settings.AccessCodeLifespan ?? 60),
                Audiences = [client.ClientId, .. context.Audiences.Where(Audience.IsAddress)],
                OneTimeUse = client.Flag("saml.onetimeuse.condition"),
                Authentication = !client.Flag("saml.authnstatement") ? null : new(
                    now, $"{done.Session.Id}::{client.Id}", now.AddSeconds(settings.SsoSessionMaxLifespan ?? 36000), context.ContextClass ?? SamlNames.UnspecifiedContext),
                Attributes = [.. context.Attributes, .. context.RoleAttributes],
            },
        };
    }

    /// <summary>The id of a message or an assertion: a name that may not begin with a digit.</summary>
    public static string NewId() => "ID_" + Ids.New();

    private async ValueTask<SamlMapperContext> MapAsync(SamlSignedIn done, string format, CancellationToken ct)
    {
        var (realm, client, user) = (done.Realm, done.Client, done.User);
        var plan = SamlMapperPlan.Of(client);
        var roles = GrantedRoles.Of(realm, user);
        var scopes = plan.Scopes.For(roles);
        var granted = GrantedRoles.Within(realm, client, scopes, roles);
        var (mine, groups) = plan.Holds<OrganizationMembershipMapper>() || plan.Holds<OrganizationGroupMembershipMapper>()
            ? await organizations.OfUserAsync(realm, user, plan.Holds<OrganizationGroupMembershipMapper>(), ct)
            : ([], ReadOnlyDictionary<string, IReadOnlyList<MemberGroup>>.Empty);
        var context = new SamlMapperContext
        {
            Realm = realm, Client = client, User = user, Session = done.Session, NameIdFormat = format, Roles = granted,
            Organizations = mine, OrganizationGroups = groups,
            RelatedClients = plan.Holds<AudienceResolveMapper>() ? await RelatedAsync(realm, granted.Select(r => r.ClientName), ct) : [],
            Level = int.TryParse(done.ClientSession.Notes.GetValueOrDefault(LoginNotes.Level), out var level) ? level : null,
        };
        plan.Run(context, scopes);
        return context;
    }

    /// <summary>Those of the clients that speak SAML, as often as they are named.</summary>
    private async ValueTask<List<string>> RelatedAsync(Realm realm, IEnumerable<string?> ofRoles, CancellationToken ct)
    {
        var known = new Dictionary<string, bool>(StringComparer.Ordinal);
        var names = ofRoles.OfType<string>().ToList();
        foreach (var name in names)
        {
            if (!known.ContainsKey(name))
            {
                known[name] = await clients.FindAsync(realm, name, ct) is { Protocol: SignInProtocols.Saml };
            }
        }

        return names.FindAll(name => known[name]);
    }

    /// <summary>In the response and not before it: a signed form may depend on what stands around it. Signed first, encrypted then.</summary>
    private static XmlDocument Protect(XmlDocument response, XmlSigner? signer, XmlEncryption? encryption)
    {
        var assertion = response.DocumentElement!.Element("Assertion", SamlNames.Assertion)!;
        signer?.Sign(assertion);
        if (encryption is not null)
        {
            response.DocumentElement!.ReplaceChild(response.ImportNode(encryption.Encrypt(assertion), deep: true), assertion);
        }

        return response;
    }
}
