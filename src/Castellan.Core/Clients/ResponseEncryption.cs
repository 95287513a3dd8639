using System.Text;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Clients;

/// <summary>Encrypts what goes to a client with the client's key, where its attributes ask for that (RFC 7516).</summary>
public sealed class ResponseEncryption(ClientKeys keys)
{
    public const string IdToken = "id.token";
    public const string UserInfo = "user.info";
    public const string Authorization = "authorization";

    /// <summary>Whether the client wants its authorization answers encrypted: it must name both algorithms.</summary>
    public static bool OfAuthorization(Client client) =>
        client.Attribute($"{Authorization}.encrypted.response.alg") is not null && client.Attribute($"{Authorization}.encrypted.response.enc") is not null;

    /// <summary>The text itself, or encrypted for the client where it asks for that.</summary>
    /// <param name="kind">The first words of the attributes that say so.</param>
    /// <param name="isToken">Whether the text is a token itself, which the header then says (RFC 7519 §5.2).</param>
    public ValueTask<Result<string>> EncryptAsync(Client client, string kind, string content, bool isToken, CancellationToken ct = default) =>
        client.Attribute($"{kind}.encrypted.response.alg") is { } name ? EncryptAsync(client, kind, name, Encoding.UTF8.GetBytes(content), isToken, ct) : new(content);

    /// <summary>The token itself, or encrypted for the client where it asks for that; in ASCII either way.</summary>
    public async ValueTask<Result<byte[]>> EncryptAsync(Client client, string kind, byte[] token, CancellationToken ct = default)
    {
        if (client.Attribute($"{kind}.encrypted.response.alg") is not { } name)
        {
            return token;
        }

        return (await EncryptAsync(client, kind, name, token, isToken: true, ct)).Ok(out var encrypted, out var error) ? Encoding.ASCII.GetBytes(encrypted) : error;
    }

    private async ValueTask<Result<string>> EncryptAsync(Client client, string kind, string name, byte[] content, bool isToken, CancellationToken ct)
    {
        var contentName = client.Attribute($"{kind}.encrypted.response.enc") ?? "A128CBC-HS256";
        var (algorithm, encryption) = (KeyEncryption.Find(name), ContentEncryption.Find(contentName));
        if (algorithm is null || encryption is null)
        {
            return new ProtocolError("invalid_request", $"The client asks for an encryption that is not supported: {(algorithm is null ? name : contentName)}");
        }

        return await keys.EncryptionAsync(client, algorithm, encryption, ct) is { } key
            ? Jwe.Encrypt(content, key.Key, algorithm, encryption, key.Kid, isToken ? "JWT" : null)
            : new ProtocolError("invalid_request", $"The client has no key for the encryption that it asks for: {name}");
    }
}
