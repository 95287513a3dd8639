using Castellan.Core.Clients;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Login.Answers;

/// <summary>A sign-in that came to nothing, and why its client hears of it.</summary>
/// <param name="Error">OAuth's code; other protocols have words of their own for it.</param>
public sealed record RefusedSignIn(Realm Realm, Client Client, AuthenticationTab Tab, string Error, string? Description = null)
{
    /// <summary>What the person was to be told.</summary>
    public IReadOnlyList<LoginMessage> Messages { get; init; } = [];
}

/// <summary>How the one that asked for a sign-in hears what came of it.</summary>
public interface ISignInAnswer
{
    /// <summary>Whether the sign-in is answered like this.</summary>
    bool IsFor(AuthenticationTab tab);

    /// <param name="cache">What redirects and last pages say about caches.</param>
    Task AcceptAsync(LoginHttp login, HttpContext http, LoginContext context, SignedIn done, string? cache);

    /// <param name="cache">What redirects and last pages say about caches.</param>
    Task RefuseAsync(LoginHttp login, HttpContext http, RefusedSignIn refused, string? cache);
}

/// <summary>The ways to answer a sign-in, of which the first that fits is taken.</summary>
public sealed class SignInAnswers(IEnumerable<ISignInAnswer> answers)
{
    private readonly ISignInAnswer[] _answers = [.. answers];

    public ISignInAnswer Of(AuthenticationTab tab) => Array.Find(_answers, a => a.IsFor(tab)) ?? throw new InvalidOperationException("A sign-in has nobody to answer to.");
}
