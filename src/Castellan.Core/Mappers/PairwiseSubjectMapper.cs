using System.Security.Cryptography;
using System.Text;
using Castellan.Core.Clients;

namespace Castellan.Core.Mappers;

/// <summary>
/// A subject that is another one in each sector (OpenID Connect Core §8.1): a UUID made of the SHA-256 of sector host, user id and salt.
/// </summary>
internal sealed class PairwiseSubjectMapper : IProtocolMapper
{
    public string Id => "oidc-sha256-pairwise-sub-mapper";

    public int Priority => 50;

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => target != MapperTarget.Response;

    public void Map(MapperContext context, MapperModel mapper) =>
        context.Claims.Set("sub", Subject(SectorOf(context.Grant.Client, mapper), context.Grant.User.Id, mapper["pairwiseSubAlgorithmSalt"] ?? ""));

    /// <summary>How the client knows a user; null where it has no mapper of this type, and so knows them as everybody does.</summary>
    public static string? Subject(Client client, string user) =>
        client.Representation.ProtocolMappers?.FindLast(m => m.ProtocolMapper == "oidc-sha256-pairwise-sub-mapper") is { } found && new MapperModel(found) is var mapper
            ? Subject(SectorOf(client, mapper), user, mapper["pairwiseSubAlgorithmSalt"] ?? "")
            : null;

    private static string Subject(string sector, string user, string salt)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(sector + user + salt));
        // RFC 9562 §5.3: a name-based UUID, by MD5. It only folds the hash to a UUID's form; nothing rests on it.
#pragma warning disable CA5351
        var bytes = MD5.HashData(hash);
#pragma warning restore CA5351
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x30);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>The host of the sector identifier, or of the redirect URIs, which then have one host in common.</summary>
    private static string SectorOf(Client client, MapperModel mapper)
    {
        if (mapper["sectorIdentifierUri"] is { } sector && Uri.TryCreate(sector, UriKind.Absolute, out var identifier))
        {
            return identifier.Host;
        }

        foreach (var redirect in client.Representation.RedirectUris ?? [])
        {
            var text = redirect.StartsWith('/') ? client.Representation.RootUrl : redirect;
            if (Uri.TryCreate(text, UriKind.Absolute, out var uri))
            {
                return uri.Host;
            }
        }

        return "";
    }
}
