namespace Castellan.Core.Login;

/// <summary>What became of changes to people that a sign-in writes.</summary>
public enum Written
{
    Done,

    /// <summary>Somebody else has the name or the address since it was looked at.</summary>
    Taken,

    /// <summary>The directory that somebody is from, or goes to, does not take them.</summary>
    Refused,
}
