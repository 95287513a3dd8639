using Castellan.Core.Realms;

namespace Castellan.Core.Keys;

/// <summary>Whether a key signs, only verifies, or does neither.</summary>
public enum KeyStatus
{
    Active, Passive, Disabled,
}
