using Castellan.Core.Users;

namespace Castellan.Server.Login;

/// <summary>For whom a page outside of any sign-in is, as far as its language goes.</summary>
/// <param name="Locales">The languages that the application asked for (<c>ui_locales</c>).</param>
public sealed record PageReader(User? User, string? Locales);
