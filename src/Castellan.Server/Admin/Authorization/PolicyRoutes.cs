using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Authorization;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authorization;

/// <summary>
/// Policies and permissions. Both lie below <c>policy</c>; <c>permission</c> is the same room, seen by those who want permissions alone and in the form
/// of their type. What follows is a type or an id, and behind a type an id.
/// </summary>
internal static class PolicyRoutes
{
    private const string Kind = "AUTHORIZATION_POLICY";

    /// <summary>The type that permissions of administrators are not of: they are about scopes.</summary>
    private const string Unsupported = "resource";

    private static readonly AdminAnswer s_unsupported = AdminAnswer.Error(400, "Policy type not supported by feature admin-fine-grained-authz:v2");

    public static IReadOnlyList<AdminRoute> All { get; } = [.. Under("policy", permissions: false), .. Under("permission", permissions: true)];

    private static IEnumerable<AdminRoute> Under(string room, bool permissions)
    {
        var (view, manage) = (AuthorizedClient.View, AuthorizedClient.Manage);
        yield return AdminRoute.Get(Path(""), view, AuthorizedClient.One(of => PolicySearch.ListAsync(of, null, permissions)));
        yield return AdminRoute.Post(Path(""), manage, AuthorizedClient.One(CreateGeneralAsync), noCache: true);
        yield return AdminRoute.Get(Path("/providers"), view, AuthorizedClient.One(Providers));
        yield return AdminRoute.Get(Path("/search"), view, AuthorizedClient.One(of => PolicySearch.FindAsync(of, permissions, parts: true)));
        yield return AdminRoute.Post(Path("/evaluate"), view, AuthorizedClient.One(EvaluationRoutes.EvaluateAsync));
        yield return AdminRoute.Get(Path("/{type}"), view, AuthorizedClient.One(of => PolicyTypes.Find(of.Context.Route("type")) is { } type
            ? BelowTypeAsync(of, () => PolicySearch.ListAsync(of, type, permissions))
            : WithAsync(of, "type", policy => ShowAsync(of, policy, general: !permissions))));
        yield return AdminRoute.Post(Path("/{type}"), manage, AuthorizedClient.One(of => BelowTypeAsync(of, () => CreateAsync(of))), noCache: true);
        yield return AdminRoute.Put(Path("/{type}"), manage, AuthorizedClient.One(of => WithAsync(of, "type", policy => UpdateGeneralAsync(of, policy))), noCache: true);
        yield return AdminRoute.Delete(Path("/{type}"), manage, AuthorizedClient.One(of => WithAsync(of, "type", policy => DeleteAsync(of, policy))));
        yield return AdminRoute.Get(Path("/{type}/providers"), view, AuthorizedClient.One(of => BelowTypeAsync(of, () => Providers(of))));
        yield return AdminRoute.Get(Path("/{type}/search"), view, AuthorizedClient.One(of => BelowTypeAsync(of, () => PolicySearch.FindAsync(of, own: true, parts: false))));
        yield return AdminRoute.Get(Path("/{type}/{id}"), view, AuthorizedClient.One(of => OfTypeAsync(of, policy => ShowAsync(of, policy, general: false))));
        yield return AdminRoute.Put(Path("/{type}/{id}"), manage, AuthorizedClient.One(of => OfTypeAsync(of, policy => UpdateAsync(of, policy))), noCache: true);
        yield return AdminRoute.Delete(Path("/{type}/{id}"), manage, AuthorizedClient.One(of => OfTypeAsync(of, policy => DeleteAsync(of, policy))));
        foreach (var (part, show) in PolicyParts.All)
        {
            yield return AdminRoute.Get(Path($"/{{type}}/{part}"), view, AuthorizedClient.One(of => WithAsync(of, "type", policy => show(of, policy))));
            yield return AdminRoute.Get(Path($"/{{type}}/{{id}}/{part}"), view, AuthorizedClient.One(of => OfTypeAsync(of, policy => show(of, policy))));
        }

        string Path(string below) => AuthorizedClient.Path(room + below);
    }

    private static async ValueTask<AdminAnswer> WithAsync(AuthorizedClient of, string segment, Func<Policy, ValueTask<AdminAnswer>> then) =>
        (await of.PoliciesAsync()).Find(p => p.Id == of.Context.Route(segment)) is { } policy ? await then(policy) : AdminAnswer.NotFoundHere;

    /// <summary>The type in front of an id must be one; whether it is this policy's does not matter.</summary>
    private static ValueTask<AdminAnswer> OfTypeAsync(AuthorizedClient of, Func<Policy, ValueTask<AdminAnswer>> then) => BelowTypeAsync(of, () => WithAsync(of, "id", then));

    private static ValueTask<AdminAnswer> BelowTypeAsync(AuthorizedClient of, Func<ValueTask<AdminAnswer>> then) =>
        PolicyTypes.Find(of.Context.Route("type")) is not { } type ? new(AdminAnswer.NotFoundHere) : of.IsOfAdministrators && type.Id == Unsupported ? new(s_unsupported) : then();

    private static async ValueTask<AdminAnswer> ShowAsync(AuthorizedClient of, Policy policy, bool general) =>
        AdminAnswer.Json(await of.ShowAsync(policy, own: !general, parts: true), AdminApiJson.Default.JsonObject);

    private static ValueTask<AdminAnswer> Providers(AuthorizedClient of) => new(AdminAnswer.Json(
        [.. PolicyTypes.All.Select(t => new Dictionary<string, string>(StringComparer.Ordinal) { ["type"] = t.Id, ["name"] = t.Name, ["group"] = t.Group })],
        AdminApiJson.Default.ListDictionaryStringString));

    private static async ValueTask<AdminAnswer> CreateAsync(AuthorizedClient of)
    {
        var type = PolicyTypes.Find(of.Context.Route("type"))!;
        if (!(await of.Context.ReadAsync(AdminApiJson.Default.JsonObject)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var contents = await of.LoadWithoutResourcesAsync();
        if (given["name"] is JsonValue name && contents.Policies.Exists(p => p.Name == name.ToString()))
        {
            return Taken(name.ToString());
        }

        if (!(await EditAsync(of, type, contents, given, null)).Ok(out var made, out refusal))
        {
            return refusal;
        }

        var (edit, changes) = made;
        if (contents.Policies.Exists(p => p.Id == edit.Policy.Id))
        {
            return AdminAnswer.Conflict;
        }

        await of.Context.ApplyAsync([.. changes, new PutPolicy(of.Client.Id, edit.Policy)]);
        await of.RecordAsync("CREATE", Kind, edit.Shown.ToJsonString(), edit.Policy.Id);
        return AdminAnswer.Json(edit.Shown, AdminApiJson.Default.JsonObject, 201);
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AuthorizedClient of, Policy policy)
    {
        if (!(await of.Context.ReadAsync(AdminApiJson.Default.JsonObject)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var type = PolicyTypes.Find(policy.Type) ?? PolicyTypes.Find(of.Context.Route("type"))!;
        if (!(await EditAsync(of, type, await of.LoadWithoutResourcesAsync(), given, policy)).Ok(out var made, out refusal))
        {
            return refusal;
        }

        var (edit, changes) = made;
        await of.Context.ApplyAsync([.. changes, new PutPolicy(of.Client.Id, edit.Policy), .. await AdministratorPermissions.OrphansAsync(of, policy, edit.Policy.ResourceIds)]);
        await of.RecordAsync("UPDATE", Kind, edit.Shown.ToJsonString());
        return AdminAnswer.Bodyless(201);
    }

    private static async ValueTask<Read<Tuple<PolicyEdit, List<Change>>>> EditAsync(
        AuthorizedClient of, PolicyType type, ResourceServerContents contents, JsonObject given, Policy? before)
    {
        var changes = new List<Change>();
        var ofType = of.IsOfAdministrators && type.IsPermission && (given["resources"] is JsonArray named ? named.Count == 0 : before is null);
        if (of.IsOfAdministrators && type.IsPermission && !(await AdministratorPermissions.PrepareAsync(of, given, contents, before)).Ok(out changes, out var refusal))
        {
            return refusal;
        }

        if (!(await new PolicyEdits(of, type, contents).ReadAsync(given, before)).Ok(out var edit, out refusal))
        {
            return refusal;
        }

        if (ofType)
        {
            edit.Shown["resources"] = new JsonArray();
        }

        return Tuple.Create(edit, changes);
    }

    private static async ValueTask<AdminAnswer> CreateGeneralAsync(AuthorizedClient of)
    {
        if (!(await of.Context.ReadAsync(AdminJson.Default.PolicyRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (of.IsOfAdministrators && given.Type == Unsupported)
        {
            return s_unsupported;
        }

        if (string.IsNullOrEmpty(given.Name))
        {
            return AuthorizedClient.NoName;
        }

        var contents = await of.LoadAsync();
        if (contents.Policies.Exists(p => p.Name == given.Name))
        {
            return Taken(given.Name);
        }

        return await SaveGeneralAsync(of, given, contents, null);
    }

    private static async ValueTask<AdminAnswer> UpdateGeneralAsync(AuthorizedClient of, Policy policy) =>
        (await of.Context.ReadAsync(AdminJson.Default.PolicyRepresentation)).Ok(out var given, out var refusal)
            ? await SaveGeneralAsync(of, given, await of.LoadAsync(), policy)
            : refusal;

    private static async ValueTask<AdminAnswer> SaveGeneralAsync(AuthorizedClient of, PolicyRepresentation given, ResourceServerContents contents, Policy? before)
    {
        if ((given.Logic is { } logic && !DecisionStrategies.Logics.Contains(logic))
            || (given.DecisionStrategy is { } strategy && !DecisionStrategies.OfPolicies.Contains(strategy)))
        {
            return AdminAnswer.CannotParse;
        }

        given.Type = before?.Type ?? given.Type;
        given.Name = string.IsNullOrEmpty(given.Name) ? before?.Name : given.Name;
        var read = await new SettingsImport(of.Client.Id, contents, of.Principals).ReadAsync(given, before, of.Context.Aborted);
        if (!read.Ok(out var changes, out var error))
        {
            return AdminAnswer.Error(400, error.Code, error.Description);
        }

        await of.Context.ApplyAsync(changes);
        given.Id = changes.OfType<PutPolicy>().Last().Policy.Id;
        await of.RecordAsync(before is null ? "CREATE" : "UPDATE", Kind, AdminEvents.Text(given, AdminJson.Default.PolicyRepresentation), before is null ? given.Id : null);
        return before is null ? AdminAnswer.Json(given, AdminJson.Default.PolicyRepresentation, 201) : AdminAnswer.Bodyless(201);
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AuthorizedClient of, Policy policy)
    {
        await of.Context.ApplyAsync([new DeletePolicy(of.Client.Id, policy.Id), .. await AdministratorPermissions.OrphansAsync(of, policy, [])]);
        await of.RecordAsync("DELETE", Kind, PolicyViews.Own(policy).ToJsonString());
        return AdminAnswer.NoContent;
    }

    private static AdminAnswer Taken(string name) => AdminAnswer.Error(409, $"Policy with name [{name}] already exists", "Conflicting policy");
}
