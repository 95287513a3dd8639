using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Castellan.Core.Credentials;
using Castellan.Core.Events;
using Castellan.Core.Realms;

namespace Castellan.Core;

/// <summary>What the server counts while it runs. Nothing is counted, and nothing costs anything, while nobody listens.</summary>
public static class Telemetry
{
    public const string MeterName = "Castellan";

    /// <summary>The counter of what people and clients do.</summary>
    public const string UserEvents = "keycloak.user.events";

    private static readonly Meter s_meter = new(MeterName);

    private static readonly Counter<long> s_userEvents =
        s_meter.CreateCounter<long>(UserEvents, description: "Keycloak user events");

    private static readonly Counter<long> s_passwordValidations =
        s_meter.CreateCounter<long>("keycloak.credentials.password.hashing.validations", description: "Keycloak credentials password hashing validations");

    /// <summary>Counts what a person or client did, whether or not the realm keeps events. A failure counts as its event, with its error.</summary>
    public static void Count(Realm realm, LoginEvent happened)
    {
        if (!s_userEvents.Enabled)
        {
            return;
        }

        const string Failed = "_ERROR";
        var name = happened.Type.EndsWith(Failed, StringComparison.Ordinal) ? happened.Type[..^Failed.Length] : happened.Type;
        s_userEvents.Add(1, new TagList
        {
            { "event", name.ToLowerInvariant() },
            { "error", happened.Error ?? "" },
            { "realm", realm.Name },
            { "client_id", happened.ClientId ?? "" },
            { "idp", happened.Details?.GetValueOrDefault("identity_provider") ?? "" },
        });
    }

    /// <summary>Counts a password that was held against a stored hash.</summary>
    internal static void CountPassword(Realm realm, PasswordCredentialData? stored, bool valid)
    {
        if (stored is null || !s_passwordValidations.Enabled)
        {
            return;
        }

        var strength = stored.Algorithm == PasswordHashes.Default.Algorithm
            ? $"Argon2{stored.Parameter("type")}-{stored.Parameter("version")}[m={stored.Parameter("memory")},t={stored.HashIterations},p={stored.Parameter("parallelism")}]"
            : stored.HashIterations.ToString(CultureInfo.InvariantCulture);
        s_passwordValidations.Add(
            1, new("realm", realm.Name), new("algorithm", stored.Algorithm), new("hashing_strength", strength), new("outcome", valid ? "valid" : "invalid"));
    }
}
