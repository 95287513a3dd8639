namespace Castellan.Protocol.Jose;

/// <summary>Why a JOSE object is refused. The caller knows which words its endpoint promises for it.</summary>
public enum JoseFault
{
    /// <summary>It is not refused.</summary>
    None,

    /// <summary>Longer than the caller allows.</summary>
    TooLong,

    /// <summary>Not the compact form, not base64url, or a header that is not a proper JSON object.</summary>
    Malformed,

    /// <summary>A <c>crit</c> header: no extension is implemented, so all are refused (RFC 7515 §4.1.11).</summary>
    UnknownCritical,

    /// <summary><c>alg</c> is <c>none</c> where the caller did not ask for unsecured objects, or is none that we know.</summary>
    UnknownAlgorithm,

    /// <summary>No key has that <c>kid</c>.</summary>
    UnknownKey,

    /// <summary>The key is not for that <c>alg</c>.</summary>
    AlgorithmMismatch,

    /// <summary>The signature is wrong.</summary>
    BadSignature,

    /// <summary>It could not be decrypted; the reason is never told (RFC 7516 §11.5).</summary>
    BadEncryption,

    /// <summary>The payload is not a JSON object with distinct names.</summary>
    MalformedClaims,
}
