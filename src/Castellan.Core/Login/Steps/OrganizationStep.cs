using Castellan.Core.Brokering;
using Castellan.Core.Organizations;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Core.Login.Steps;

/// <summary>
/// Who are you? In a realm with organizations the name comes first: it may lead to an organization's own provider, or to a choice among organizations.
/// Proves nothing; whoever is not led away is asked for more by what comes behind.
/// </summary>
public sealed class OrganizationStep(ProviderOrganizations organizations, Passkeys passkeys) : ILoginStep
{
    private const string Provider = "organization";
    private const string AskedNote = "organization-asked";
    private const string Choice = "kc.org";

    public string Id => Provider;

    public ValueTask<bool> IsConfiguredAsync(LoginContext context) => organizations.AnyAsync(context.Realm, context.Ct);

    public ValueTask<bool> IsConfiguredAsync(LoginContext context, User user) => organizations.AnyAsync(context.Realm, context.Ct);

    /// <summary>Whether the name of this sign-in was asked for on a page of its own, where nobody is told whether there is such a person.</summary>
    public static bool Asked(LoginContext context) => context.Tab.Note(AskedNote) is not null;

    /// <summary>Whether somebody whom a session of the browser proves must say for which of their organizations they come.</summary>
    public static async ValueTask<bool> AsksAsync(ProviderOrganizations organizations, LoginContext context, User user) =>
        AsksForOne(context) && context.Flow is { } flow && IsIn(flow) && (await organizations.OfMemberAsync(context.Realm, user.Id, context.Ct)).Count > 1;

    private static bool IsIn(Flow flow) => flow.Executions.Any(e => !e.IsDisabled && (e.Step == Provider || (e.Flow is { } inner && IsIn(inner))));

    /// <summary>Whether a form asks for another organization; the choice is open again then.</summary>
    public static bool Reopens(LoginContext context, LoginForm form)
    {
        if (!form.Has("switchOrganization") || context.Tab.Note(LoginNotes.OrganizationChosen) is null)
        {
            return false;
        }

        // From the beginning: what was proved is asked for again, and who it is stays.
        context.Tab.SetNote(LoginNotes.OrganizationChosen, null);
        context.Tab.Statuses.Clear();
        return true;
    }

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        if (!await organizations.AnyAsync(context.Realm, context.Ct))
        {
            return StepResult.Attempted;
        }

        if (context.User is { } user)
        {
            return await EnterAsync(context, user);
        }

        return context.Tab.ClientNote(LoginNotes.LoginHint) is { Length: > 0 } hint && context.Tab.Note(LoginNotes.ForwardedError) is null
            ? await NamedAsync(context, hint) : StepResult.Ask(await PageAsync(context, null));
    }

    public async ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        if (context.User is { } user)
        {
            var mine = await organizations.OfMemberAsync(context.Realm, user.Id, context.Ct);
            // Only what is on offer can be chosen: the alias comes from the browser.
            context.Tab.SetNote(LoginNotes.OrganizationChosen, mine.Find(o => o.Alias == form[Choice])?.Id);
            return await EnterAsync(context, user);
        }

        if (passkeys.IsAnswer(context, form))
        {
            // A passkey says who it is, and proves it: what comes behind asks for no password then.
            return await passkeys.AnswerAsync(context, form) is { } refusal
                ? StepResult.AskAgain((await PageAsync(context, null)).With(refusal)) : await EnterAsync(context, context.User!);
        }

        return await NamedAsync(context, form["username"]?.Trim() ?? "");
    }

    private async ValueTask<StepResult> NamedAsync(LoginContext context, string name)
    {
        if (name.Length is 0 or > 255)
        {
            return StepResult.AskAgain((await PageAsync(context, name)).With(LoginMessage.At("username", "invalidUsernameMessage")));
        }

        context.Tab.SetNote(AskedNote, "true");
        var user = await context.Services.FindUserAsync(context.Realm, name, context.Ct);
        if (user is { Enabled: false })
        {
            context.Event.UserId = user.Id;
            context.Event.With("username", name);
            await context.TellAsync("user_disabled");
            return StepResult.Fail(FlowError.UserDisabled, new ErrorPage(400, "accountDisabledMessage"));
        }

        if (user is not null)
        {
            return await KnownAsync(context, user);
        }

        if (await organizations.FindByEmailAsync(context.Realm, name, context.Ct) is not { } organization)
        {
            context.Tab.SetNote(LoginNotes.NamedUsername, name);
            return StepResult.Attempted;
        }

        return ProviderOrganizations.Redirecting(context.Realm, organization, name) is { } provider && IdentityProviderRedirectStep.MayGo(context, provider)
            ? Leave(context, provider, name)
            : StepResult.AskAgain((await PageAsync(context, name) with { Organization = organization.Id }).With(new LoginMessage(MessageKind.Info, "organizationWithoutAccount")));
    }

    private async ValueTask<StepResult> KnownAsync(LoginContext context, User user)
    {
        // Whoever has something to prove themselves with here is asked for it, and may still choose a provider.
        if ((await context.Services.CredentialsAsync(context.Realm, user, context.Ct)).Count == 0 && await HomeAsync(context, user) is { } provider && IdentityProviderRedirectStep.MayGo(context, provider))
        {
            return Leave(context, provider, user.Email);
        }

        context.Identify(user);
        return await EnterAsync(context, user);
    }

    /// <summary>The one provider of their organizations that a person is linked to; else the one that their address leads to.</summary>
    private async ValueTask<IdentityProvider?> HomeAsync(LoginContext context, User user)
    {
        var mine = await organizations.OfMemberAsync(context.Realm, user.Id, context.Ct);
        var linked = (await context.Services.Users.FederatedIdentitiesAsync(context.Realm.Id, user.Id, context.Ct)).Select(l => l.IdentityProvider).ToHashSet(StringComparer.Ordinal);
        return mine.SelectMany(o => ProviderOrganizations.ProvidersOf(context.Realm, o)).Where(p => linked.Contains(p.Alias)).ToList() is [var only] ? only
            : user.Email is { } email && await organizations.FindByEmailAsync(context.Realm, email, context.Ct) is { } organization
            ? ProviderOrganizations.Redirecting(context.Realm, organization, email) : null;
    }

    /// <summary>A person who is known: which organization, where the application asks for one and there are several.</summary>
    private async ValueTask<StepResult> EnterAsync(LoginContext context, User user)
    {
        var mine = await organizations.OfMemberAsync(context.Realm, user.Id, context.Ct);
        context.Tab.SetNote(LoginNotes.OrganizationFound, (await FindAsync(context, user, mine))?.Id);
        if (context.Execution!.Flag("requiresUserMembership") && await NotMemberAsync(context, mine) is { } refusal)
        {
            return refusal;
        }

        return mine.Count > 1 && context.Tab.Note(LoginNotes.OrganizationChosen) is null && AsksForOne(context)
            ? StepResult.Ask(new SelectOrganizationPage([.. mine.Select(o => (o.Alias!, o.Name!))]) { OnlyWay = true }) : Done(context);
    }

    /// <summary>The organization that somebody comes for: the one that the application names, their only one, or the one that their address leads to.</summary>
    private async ValueTask<OrganizationRepresentation?> FindAsync(LoginContext context, User user, List<OrganizationRepresentation> mine)
    {
        var named = Scopes(context).Select(OrganizationScope.Alias).OfType<string>().ToList();
        return mine.Find(o => named.Contains(o.Alias!)) ?? (mine is [var only] ? only : null)
            ?? mine.Find(o => o.Domains?.Exists(d => ProviderOrganizations.HasDomain(user.Email, d.Name)) ?? false)
            ?? (user.Email is { } email ? await organizations.FindByEmailAsync(context.Realm, email, context.Ct) : null);
    }

    /// <summary>Only a session of this browser that was enough but for the choice is enough with it.</summary>
    private static StepResult Done(LoginContext context)
    {
        if (context.BrowserSession is not { } session || context.Tab.Note(LoginNotes.SsoPending) != session.Id || context.User?.Id != session.UserId)
        {
            return StepResult.Attempted;
        }

        context.Tab.SetNote(LoginNotes.SsoAuth, "true");
        context.Tab.UserSessionId = session.Id;
        return StepResult.Passed;
    }

    private async ValueTask<StepResult?> NotMemberAsync(LoginContext context, List<OrganizationRepresentation> mine)
    {
        foreach (var alias in Scopes(context).Select(OrganizationScope.Alias).OfType<string>())
        {
            if (!mine.Exists(o => o.Alias == alias) && await organizations.FindByAliasAsync(context.Realm, alias, context.Ct) is { } asked)
            {
                return StepResult.Fail(FlowError.AccessDenied, new ErrorPage(403, "notMemberOfOrganization", asked.Name));
            }
        }

        return mine.Count == 0 ? StepResult.Fail(FlowError.AccessDenied, new ErrorPage(403, "notMemberOfAnyOrganization")) : null;
    }

    private static bool AsksForOne(LoginContext context) =>
        context.Client.DefaultScopes.Concat(context.Client.OptionalScopes).Any(s => s.Name == OrganizationScope.Name)
        && (context.Client.DefaultScopes.Any(s => s.Name == OrganizationScope.Name) || Scopes(context).Contains(OrganizationScope.Name));

    private static string[] Scopes(LoginContext context) => context.Tab.ClientNote("scope")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static StepResult Leave(LoginContext context, IdentityProvider provider, string? address)
    {
        if (address is not null)
        {
            context.Tab.ClientNotes[LoginNotes.LoginHint] = address;
        }

        return StepResult.GoTo(provider, address);
    }

    private async ValueTask<UsernamePage> PageAsync(LoginContext context, string? name) =>
        new(name ?? context.Request.RememberedUsername, context.Request.RememberedUsername is not null, await passkeys.RequestAsync(context)) { OnlyWay = true };
}
