namespace Castellan.Core.Keys;

/// <summary>Seals what must not lie in clear in the database: private keys and secrets of key providers.</summary>
public interface ISealer
{
    /// <summary>The sealed form of a text; bound to <paramref name="context"/>, so that it opens nowhere else.</summary>
    string Seal(string text, string context);

    /// <summary>The text. What was never sealed comes back as it is, so that a store from before sealing can be read.</summary>
    string Open(string text, string context);
}
