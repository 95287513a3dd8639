using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Realms.Import;

/// <summary>What a builder needs of other rooms.</summary>
/// <param name="Time">The clock.</param>
/// <param name="CompleteKeys">Checks a key provider of the realm named second, and gives it a key when it makes its own and has none.</param>
internal sealed record ImportTools(TimeProvider Time, Func<ComponentRepresentation, string, ProtocolError?> CompleteKeys)
{
    public long Milliseconds => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
