namespace Castellan.Core.Credentials;

/// <summary>How codes are made: what lies in the credential data of type <c>otp</c>.</summary>
/// <param name="SubType"><c>totp</c> or <c>hotp</c>.</param>
public sealed record OtpCredentialData(string? SubType, int Digits, int Counter, int Period, string? Algorithm, string? SecretEncoding);

/// <summary>The shared secret: its text's own bytes are the key, unless the encoding says BASE32.</summary>
public sealed record OtpSecretData(string? Value)
{
    /// <summary>Never shows the secret.</summary>
    public override string ToString() => "***";
}
