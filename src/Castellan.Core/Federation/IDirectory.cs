using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation;

/// <summary>Directories, as a federation asks them. Whoever does not answer, or does not let the federation in, ends with <see cref="DirectoryException"/>.</summary>
public interface IDirectory
{
    /// <summary>What a search finds; an entry that is looked for by its name may not be there. What a directory cuts off by its own limits is left out.</summary>
    IAsyncEnumerable<LdapEntry> SearchAsync(DirectorySettings settings, LdapSearch search, CancellationToken ct = default);

    /// <summary>A request with one answer, as the federation's own user.</summary>
    ValueTask<DirectoryResult> ChangeAsync(DirectorySettings settings, Func<int, byte[]> request, CancellationToken ct = default);

    /// <summary>Whether the directory knows this password of an entry. An empty one is none, whatever the directory says (RFC 4513 §5.1.2).</summary>
    ValueTask<DirectoryResult> BindAsync(DirectorySettings settings, string dn, string password, CancellationToken ct = default);
}

/// <summary>The result of a request (RFC 4511 §4.1.9).</summary>
public sealed record DirectoryResult(int Code, string Diagnostic)
{
    public bool Ok => Code == LdapMessages.Success;
}

/// <summary>Where a directory is and how one is let in.</summary>
/// <param name="Url">One or more addresses with blanks between; the first that answers is used.</param>
/// <param name="BindDn">Who the federation is there; null for nobody.</param>
/// <param name="PageSize">How many entries are asked for at once; zero for all.</param>
/// <param name="FollowsReferences">Whether other directories that this one refers to are asked too, by the same user.</param>
public sealed record DirectorySettings(
    string Realm, string Url, string? BindDn, string BindCredential, bool StartTls, TimeSpan ConnectionTimeout, TimeSpan ReadTimeout, int PageSize, bool FollowsReferences = false)
{
    /// <summary>The secret stays out of whatever is written of this.</summary>
    public override string ToString() => $"{Url} as {BindDn ?? "nobody"}";
}

/// <summary>A directory cannot be asked: it is not there, not to be trusted, or does not let the federation in.</summary>
public sealed class DirectoryException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether it is there, and does not know the federation's own user or password.</summary>
    public bool IsNotLetIn { get; init; }
}
