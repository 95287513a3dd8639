namespace Castellan.Core.Login;

/// <summary>More people sign in than passwords can be hashed. The answer is 503; nothing was counted against anybody.</summary>
public sealed class BusyException() : Exception("Too many passwords wait to be checked.");
