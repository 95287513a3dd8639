using System.Globalization;
using System.Text.Json.Nodes;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    private void BuildCredentials(string place, UserRepresentation user)
    {
        CredentialRepresentation? password = null;
        var stored = new List<CredentialRepresentation>();
        foreach (var given in user.Credentials ?? [])
        {
            var type = given.Type ?? "password";
            if (given.SecretData is not null || given.CredentialData is not null)
            {
                stored.Add(new()
                {
                    Id = given.Id, Type = type, UserLabel = given.UserLabel, CreatedDate = given.CreatedDate, SecretData = given.SecretData ?? "{}",
                    CredentialData = given.CredentialData ?? "{}",
                });
            }
            else if (given.HashedSaltedValue is not null || type is "totp" or "hotp")
            {
                stored.Add(ConvertOld(given, type));
            }
            else if (given.Value is not null && type.Equals("password", StringComparison.OrdinalIgnoreCase))
            {
                password = given;
            }
        }

        if (password?.Value is { } plain)
        {
            if (tools.HashPassword(user, file, plain).Ok(out var hashed, out var refusal))
            {
                stored.Insert(0, hashed);
            }
            else
            {
                Refusal ??= refusal with { Detail = place + ".credentials" };
                return;
            }
        }

        var priority = 0;
        foreach (var credential in stored)
        {
            credential.Id = string.IsNullOrEmpty(credential.Id) ? Ids.New() : credential.Id;
            credential.CreatedDate ??= tools.Milliseconds;
            credential.Priority = priority += 10;
            Changes.Add(new PutCredential(user.Id!, credential));
        }
    }

    // Releases before 8 had one form for all kinds; the values move into the two JSON texts of today.
    private static CredentialRepresentation ConvertOld(CredentialRepresentation old, string type)
    {
        var isPassword = type is not ("totp" or "hotp" or "otp");
        var secret = isPassword
            ? new JsonObject { ["value"] = old.HashedSaltedValue, ["salt"] = old.Salt, ["additionalParameters"] = new JsonObject() }
            : new JsonObject { ["value"] = old.HashedSaltedValue ?? old.Value };
        var data = isPassword
            ? new JsonObject
            {
                ["hashIterations"] = old.HashIterations ?? 1, ["algorithm"] = old.Algorithm ?? "pbkdf2", ["additionalParameters"] = new JsonObject(),
            }
            : new JsonObject
            {
                ["subType"] = type == "otp" ? "totp" : type, ["digits"] = old.Digits ?? 6, ["counter"] = old.Counter ?? 0, ["period"] = old.Period ?? 30,
                ["algorithm"] = old.Algorithm ?? "HmacSHA1",
            };
        return new()
        {
            Id = old.Id, Type = isPassword ? "password" : "otp", UserLabel = old.Device, CreatedDate = old.CreatedDate,
            SecretData = secret.ToJsonString(), CredentialData = data.ToJsonString(),
        };
    }
}
