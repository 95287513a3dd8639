using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Representations;

namespace Castellan.Core.Login;

/// <summary>Recovery codes as Keycloak stores them: each hashed with SHA-512 (they are random, so a slow hash would add nothing), used in their order.</summary>
public static class RecoveryCodes
{
    public const string Type = "recovery-authn-codes";
    public const int Count = 12;
    public const int Length = 12;

    /// <summary>New codes, twelve of twelve capitals and digits.</summary>
    public static List<string> New()
    {
        // Without 0, 1, I and O, which people confuse on paper.
        const string alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        return [.. Enumerable.Range(0, Count).Select(_ => RandomNumberGenerator.GetString(alphabet, Length))];
    }

    /// <summary>The credential that holds the codes.</summary>
    public static CredentialRepresentation ToCredential(IReadOnlyList<string> codes, string? label, long created)
    {
        var hashed = new JsonArray([.. codes.Select((code, i) => (JsonNode)new JsonObject { ["number"] = i + 1, ["encodedHashedValue"] = Hash(code) })]);
        return new CredentialRepresentation
        {
            Id = Ids.New(), Type = Type, UserLabel = label, CreatedDate = created,
            CredentialData = new JsonObject { ["algorithm"] = "SHA-512", ["totalCodes"] = codes.Count, ["remainingCodes"] = codes.Count }.ToJsonString(),
            SecretData = new JsonObject { ["codes"] = hashed }.ToJsonString(),
        };
    }

    /// <summary>The credential without its next code, if this is it; null otherwise.</summary>
    public static CredentialRepresentation? Take(CredentialRepresentation stored, string code)
    {
        if (stored.SecretData is null || stored.CredentialData is null || JsonNode.Parse(stored.SecretData)?["codes"] is not JsonArray { Count: > 0 } codes)
        {
            return null;
        }

        var next = codes.OfType<JsonObject>().MinBy(c => (int?)c["number"] ?? int.MaxValue);
        if ((string?)next?["encodedHashedValue"] is not { } hash || !Secret.Equal(Hash(code.Trim().ToUpperInvariant().Replace("-", "", StringComparison.Ordinal)), hash))
        {
            return null;
        }

        codes.Remove(next);
        var data = JsonNode.Parse(stored.CredentialData)!.AsObject();
        data["remainingCodes"] = codes.Count;
        return OneTimeCodes.With(stored, data.ToJsonString(), codes.Root.ToJsonString());
    }

    private static string Hash(string code) => Convert.ToBase64String(SHA512.HashData(Encoding.UTF8.GetBytes(code)));
}
