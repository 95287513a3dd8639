using Castellan.Core.Credentials;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

/// <summary>A plain password of the file and the credential that waits for its hash.</summary>
internal sealed record PendingPassword(string Place, UserRepresentation User, CredentialRepresentation Credential, string Plain);

internal sealed partial class RealmBuilder
{
    /// <summary>Passwords that must be hashed before the writes are complete.</summary>
    public List<PendingPassword> Passwords { get; } = [];

    private void BuildCredentials(string place, UserRepresentation user)
    {
        var stored = new List<CredentialRepresentation>();
        string? plain = null;
        foreach (var given in user.Credentials ?? [])
        {
            if (given.SecretData is not null || given.CredentialData is not null || given.HashedSaltedValue is not null)
            {
                var credential = CredentialForms.ToStored(given, tools.Time);
                credential.Type ??= Castellan.Core.Credentials.Passwords.Type;
                credential.SecretData ??= "{}";
                credential.CredentialData ??= "{}";
                stored.Add(credential);
            }
            else if (given.Value is not null && (given.Type is null || given.Type.Equals(Castellan.Core.Credentials.Passwords.Type, StringComparison.OrdinalIgnoreCase)))
            {
                plain = given.Value;
                if (plain.Length == 0)
                {
                    RefuseFault(place + ".credentials", "A password is empty");
                }
            }
        }

        if (plain is not null)
        {
            var credential = new CredentialRepresentation { Id = Ids.New(), Type = Castellan.Core.Credentials.Passwords.Type, CreatedDate = tools.Milliseconds };
            stored.RemoveAll(c => c.Type == credential.Type);
            stored.Insert(0, credential);
            Passwords.Add(new(place + ".credentials", user, credential, plain));
        }

        var priority = 0;
        foreach (var credential in stored)
        {
            credential.Id = string.IsNullOrEmpty(credential.Id) ? Ids.New() : credential.Id;
            credential.Priority = priority += 10;
            Changes.Add(new PutCredential(user.Id!, credential));
        }
    }
}
