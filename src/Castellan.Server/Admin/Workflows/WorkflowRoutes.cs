using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Workflows;
using Castellan.Protocol.Yaml;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Admin.Workflows;

/// <summary>Workflows, in JSON and in YAML: kept, checked and exported. None is run, and whoever makes one is told so in the log.</summary>
internal static partial class WorkflowRoutes
{
    private const string Yaml = "application/yaml";
    private const string ShownYaml = Yaml + ";charset=UTF-8";
    private const int UsualPage = 10;

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("workflows", Permission.ManageRealm, List, noCache: false),
        AdminRoute.Post("workflows", Permission.ManageRealm, CreateAsync) with { MaxBody = 256 * 1024 },
        AdminRoute.Get("workflows/scheduled/{resource}", Permission.ManageRealm, Scheduled, noCache: false),
        AdminRoute.Get("workflows/{id}", Permission.ManageRealm, One(Show), noCache: false),
        AdminRoute.Put("workflows/{id}", Permission.ManageRealm, One(UpdateAsync)) with { MaxBody = 256 * 1024 },
        AdminRoute.Delete("workflows/{id}", Permission.ManageRealm, One(DeleteAsync)),
    ];

    private static AdminHandler One(Func<AdminContext, WorkflowRepresentation, ValueTask<AdminAnswer>> then) => context =>
        WorkflowComponents.Find(context.Realm, context.Route("id")) is { } workflow
            ? then(context, workflow)
            : new(AdminAnswer.NotFound($"Workflow with id {context.Route("id")} not found"));

    private static ValueTask<AdminAnswer> List(AdminContext context)
    {
        var (search, exact) = (context.Query("search"), context.Flag("exact"));
        var found = WorkflowComponents.Of(context.Realm).Where(w => string.IsNullOrEmpty(search)
            || (exact ? w.Name == search : w.Name?.Contains(search, StringComparison.OrdinalIgnoreCase) is true));
        var page = context.Page(found, UsualPage).ToList();
        return new(WantsYaml(context, usually: true)
            ? AdminAnswer.Text(YamlWriter.Write(JsonSerializer.SerializeToNode(page, AdminJson.Default.ListWorkflowRepresentation)!), ShownYaml)
            : AdminAnswer.Json(page, AdminJson.Default.ListWorkflowRepresentation));
    }

    private static ValueTask<AdminAnswer> Show(AdminContext context, WorkflowRepresentation workflow)
    {
        workflow.Id = context.Flag("includeId", otherwise: true) ? workflow.Id : null;
        return new(WantsYaml(context, usually: false)
            ? AdminAnswer.Text(YamlWriter.Write(JsonSerializer.SerializeToNode(workflow, AdminJson.Default.WorkflowRepresentation)!), ShownYaml)
            : AdminAnswer.Json(workflow, AdminJson.Default.WorkflowRepresentation));
    }

    /// <summary>Nothing waits for anybody yet: steps are kept and checked, and not run.</summary>
    private static ValueTask<AdminAnswer> Scheduled(AdminContext context) => new(AdminAnswer.Json([], AdminJson.Default.ListWorkflowRepresentation));

    private static async ValueTask<AdminAnswer> CreateAsync(AdminContext context)
    {
        if (!(await ReadAsync(context)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        given.Id = string.IsNullOrEmpty(given.Id) ? Ids.New() : given.Id;
        if (context.Realm.Data.Components.Any(c => c.Id == given.Id))
        {
            return AdminAnswer.Conflict;
        }

        if (WorkflowRules.Refuse(given, WorkflowComponents.Of(context.Realm).Select(w => w.Name)) is { } wrong)
        {
            return AdminAnswer.Message(400, wrong);
        }

        await context.ApplyAsync(Write(context, given).Select(part => part with { IsNew = true }));
        Warn(context, given);
        return AdminAnswer.Created(context.AddressBelow(given.Id));
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context, WorkflowRepresentation workflow)
    {
        if (!(await ReadAsync(context)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        given.Id = workflow.Id;
        if (WorkflowRules.Refuse(given, WorkflowComponents.Of(context.Realm).Where(w => w.Id != workflow.Id).Select(w => w.Name)) is { } wrong)
        {
            return AdminAnswer.Message(400, wrong);
        }

        await context.ApplyAsync([.. Remove(context, workflow), .. Write(context, given)]);
        Warn(context, given);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, WorkflowRepresentation workflow)
    {
        await context.ApplyAsync(Remove(context, workflow));
        return AdminAnswer.NoContent;
    }

    private static void Warn(AdminContext context, WorkflowRepresentation workflow)
    {
        if (workflow.Enabled is not false)
        {
            IsNotRun(context.Service<ILoggerFactory>().CreateLogger("castellan.workflows"), workflow.Name, context.Realm.Name);
        }
    }

    [LoggerMessage(61, LogLevel.Warning, "The workflow {Name} of realm {Realm} is kept, but no workflow is run by this version: do what it says by other means")]
    private static partial void IsNotRun(ILogger log, string? name, string realm);

    private static IEnumerable<PutPart> Write(AdminContext context, WorkflowRepresentation workflow) =>
        WorkflowComponents.Write(workflow, context.Realm.Id).Select(c => new PutPart(PartKind.Component, c.Id!, c.Name, c));

    private static IEnumerable<Change> Remove(AdminContext context, WorkflowRepresentation workflow) =>
        WorkflowComponents.Parts(context.Realm, workflow.Id!).Select(id => new DeletePart(PartKind.Component, id));

    private static async ValueTask<Read<WorkflowRepresentation>> ReadAsync(AdminContext context)
    {
        if (context.Http.Request.ContentType?.StartsWith(Yaml, StringComparison.OrdinalIgnoreCase) is not true)
        {
            return await context.ReadAsync(AdminJson.Default.WorkflowRepresentation);
        }

        if (!(await context.ReadBytesAsync()).Ok(out var bytes, out var refusal))
        {
            return refusal;
        }

        try
        {
            return YamlReader.Read(Encoding.UTF8.GetString(bytes)) is JsonObject document
                ? document.Deserialize(AdminJson.Default.WorkflowRepresentation)
                : AdminAnswer.CannotParse;
        }
        catch (JsonException)
        {
            return AdminAnswer.CannotParse;
        }
    }

    /// <summary>Which of the two comes first in what the caller accepts; without a word the one that is usual here.</summary>
    private static bool WantsYaml(AdminContext context, bool usually)
    {
        var accept = context.Http.Request.Headers.Accept.ToString();
        var (yaml, json) = (accept.IndexOf(Yaml, StringComparison.OrdinalIgnoreCase), accept.IndexOf("application/json", StringComparison.OrdinalIgnoreCase));
        return (yaml, json) switch
        {
            ( < 0, < 0) => usually,
            ( < 0, _) => false,
            (_, < 0) => true,
            _ => yaml < json,
        };
    }
}
