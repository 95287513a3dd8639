using System.Text.Json;

namespace Castellan.Server.Admin;

/// <summary>
/// What no body may hold: a text that a database cannot keep, a name that is longer than names are, be it of what is in the body or in a list of
/// names, an id that would be two where ids are kept line by line, or a list with nothing in a place.
/// </summary>
public static class BodyLimits
{
    /// <summary>The width of Keycloak's columns for names.</summary>
    private const int Longest = 255;

    private const int Nowhere = -1;

    /// <summary>Members that name what a body is about, or that it is found by. Those of people are the user profile's to judge.</summary>
    private static readonly byte[][] s_names =
    [
        [.. "name"u8], [.. "alias"u8], [.. "id"u8], [.. "_id"u8], [.. "type"u8], [.. "clientId"u8], [.. "client_name"u8], [.. "realm"u8],
        [.. "providerId"u8], [.. "providerType"u8], [.. "parentId"u8], [.. "protocol"u8], [.. "protocolMapper"u8], [.. "newName"u8], [.. "userName"u8], [.. "userId"u8],
    ];

    /// <summary>Members that are lists of names.</summary>
    private static readonly byte[][] s_lists =
    [
        [.. "defaultRoles"u8], [.. "realmRoles"u8], [.. "clientRoles"u8], [.. "roles"u8], [.. "requiredActions"u8], [.. "requiredCredentials"u8], [.. "disableableCredentialTypes"u8],
        [.. "defaultDefaultClientScopes"u8], [.. "defaultOptionalClientScopes"u8], [.. "defaultClientScopes"u8], [.. "optionalClientScopes"u8], [.. "grantedClientScopes"u8],
        [.. "eventsListeners"u8], [.. "enabledEventTypes"u8], [.. "supportedLocales"u8], [.. "otpSupportedApplications"u8], [.. "scopes"u8], [.. "resource_scopes"u8],
        [.. "webAuthnPolicySignatureAlgorithms"u8], [.. "webAuthnPolicyPasswordlessSignatureAlgorithms"u8],
        [.. "webAuthnPolicyAcceptableAaguids"u8], [.. "webAuthnPolicyPasswordlessAcceptableAaguids"u8],
    ];

    /// <summary>Members whose own members have names that somebody chose: what stands there under <c>name</c> is a value like others.</summary>
    private static readonly byte[][] s_free =
    [
        [.. "attributes"u8], [.. "config"u8], [.. "configuration"u8], [.. "with"u8], [.. "annotations"u8], [.. "validations"u8], [.. "localizationTexts"u8],
        [.. "smtpServer"u8], [.. "browserSecurityHeaders"u8], [.. "socialProviders"u8], [.. "claims"u8], [.. "context"u8], [.. "jwks"u8],
    ];

    /// <summary>The refusal of a body, or null. A body that is no JSON is for whoever reads it next to refuse.</summary>
    /// <param name="unfit">The form in which to say that something is too long, where it is not administration's.</param>
    public static AdminAnswer? Refuse(ReadOnlySpan<byte> json, Func<string, AdminAnswer>? unfit = null)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        ulong lists = 0; // the depths at which a list is open
        var (free, names) = (Nowhere, Nowhere); // the depths at which one of s_free, one of s_lists is open
        ReadOnlySpan<byte> name = default, list = default;
        try
        {
            while (reader.Read())
            {
                var place = 1UL << reader.CurrentDepth;
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartArray: lists |= place; break;
                    case JsonTokenType.StartObject: lists &= ~place; break;
                    case JsonTokenType.EndArray or JsonTokenType.EndObject:
                        (free, names) = (reader.CurrentDepth == free ? Nowhere : free, reader.CurrentDepth == names ? Nowhere : names);
                        break;
                    // Whoever reads the list later would trip over it.
                    case JsonTokenType.Null when reader.CurrentDepth > 0 && (lists & (place >> 1)) != 0: return AdminAnswer.CannotParse;
                }

                if (reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.String))
                {
                    if (free == Nowhere && reader.TokenType == JsonTokenType.StartObject && IsAmong(s_free, name))
                    {
                        free = reader.CurrentDepth;
                    }
                    else if (names == Nowhere && reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject && IsAmong(s_lists, name))
                    {
                        names = reader.CurrentDepth;
                        list = name;
                    }

                    // What is in a list is not the member itself.
                    name = default;
                    continue;
                }

                // Half of a pair of UTF-16 is no text, and PostgreSQL keeps no zero.
                var escaped = reader.ValueIsEscaped ? reader.GetString()! : null;
                if (escaped is not null && (escaped.Contains('\0', StringComparison.Ordinal) || (reader.TokenType == JsonTokenType.String && IsId(name) && escaped.Any(char.IsControl))))
                {
                    return AdminAnswer.CannotParse;
                }

                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    name = escaped is null ? reader.ValueSpan : System.Text.Encoding.UTF8.GetBytes(escaped);
                }
                else if (reader.ValueSpan.Length > Longest && free == Nowhere && reader.GetString()!.Length > Longest)
                {
                    // The lists of clientRoles stand below the names of clients.
                    var isListed = (lists & (place >> 1)) != 0 && names != Nowhere && names >= reader.CurrentDepth - 2;
                    var what = isListed ? list : IsAmong(s_names, name) ? name : default;
                    if (!what.IsEmpty)
                    {
                        var why = $"The value of {System.Text.Encoding.UTF8.GetString(what)} is longer than {Longest} characters";
                        return unfit?.Invoke(why) ?? AdminAnswer.Message(400, why);
                    }
                }
            }

            return null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            return AdminAnswer.CannotParse;
        }
    }

    private static bool IsId(ReadOnlySpan<byte> name) => name.SequenceEqual("id"u8) || name.SequenceEqual("_id"u8);

    private static bool IsAmong(byte[][] all, ReadOnlySpan<byte> name)
    {
        foreach (var known in all)
        {
            if (name.SequenceEqual(known))
            {
                return true;
            }
        }

        return false;
    }
}
