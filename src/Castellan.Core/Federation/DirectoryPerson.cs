using Castellan.Core.Users;

namespace Castellan.Core.Federation;

/// <summary>A person of a directory: as kept here, as shown, and the entry; no entry when the directory cannot be asked.</summary>
internal sealed record DirectoryPerson(FederationContext Context, User? Kept, User Seen, DirectoryPicture? Picture)
{
    public LdapFederation Federation => Context.Federation;
}
