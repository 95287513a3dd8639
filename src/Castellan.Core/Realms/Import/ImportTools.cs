using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Realms.Import;

/// <summary>What an import needs of other rooms: keys are made where keys live, passwords hashed where credentials live.</summary>
public sealed class ImportTools
{
    public required TimeProvider Time { get; init; }

    /// <summary>Checks a key provider and gives it a key when it makes its own and has none.</summary>
    public required Func<ComponentRepresentation, string, ProtocolError?> CompleteKeys { get; init; }

    /// <summary>Hashes a plain password as the policy (second argument) says, or refuses it.</summary>
    public required Func<UserRepresentation, RealmRepresentation, string, Result<CredentialRepresentation>> HashPassword { get; init; }

    public long Milliseconds => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
