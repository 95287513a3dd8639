using System.Security.Cryptography;
using System.Text;

namespace Castellan.Protocol.Saml;

/// <summary>Artifacts of the one type that SAML has (SAML bindings §3.6.4): who keeps the message, and a handle that nobody guesses.</summary>
public static class SamlArtifact
{
    /// <summary>The parameter in which one travels.</summary>
    public const string Parameter = "SAMLart";

    private const int Length = 44;
    private const int Source = 4;

    public static string New(string issuer)
    {
        var artifact = new byte[Length];
        artifact[1] = 4;
#pragma warning disable CA5350 // the source id is SHA-1 by definition, and proves nothing
        SHA1.HashData(Encoding.UTF8.GetBytes(issuer), artifact.AsSpan(Source));
#pragma warning restore CA5350
        RandomNumberGenerator.Fill(artifact.AsSpan(Source + SHA1.HashSizeInBytes));
        return Convert.ToBase64String(artifact);
    }

    /// <summary>Whose artifact it is: the source id, as base64; null for what is none.</summary>
    /// <param name="problem">Why it is none.</param>
    public static string? SourceOf(string text, out string? problem)
    {
        var artifact = text.Length <= 128 ? RedirectBinding.FromBase64(text) : null;
        problem = artifact is null ? "No client matching the artifact source found"
            : artifact.Length != Length ? $"Artifact {text} has a length of {artifact.Length}. It should be {Length}"
            : artifact is not [0, 4, ..] ? $"Artifact {text} does not start with 0x0004"
            : null;
        return problem is null ? Convert.ToBase64String(artifact.AsSpan(Source, SHA1.HashSizeInBytes)) : null;
    }

    /// <summary>An artifact as it is kept, with nothing around it; null for what is none.</summary>
    public static string? Read(string text) =>
        text.Length <= 128 && RedirectBinding.FromBase64(text) is { Length: Length } artifact && artifact is [0, 4, ..] ? Convert.ToBase64String(artifact) : null;
}
