using Castellan.Core;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile.Validators;
using Castellan.Protocol.Messages;
using Castellan.Server.Http;
using Castellan.Server.Mail;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Castellan.Server.Admin.Organizations;

/// <summary>Invitations to an organization: by address, or of somebody who is known. What could not be sent is not kept.</summary>
internal static class InvitationRoutes
{
    /// <summary>Names and addresses are no longer than the columns that they end in.</summary>
    private const int MaxText = 255;

    private static readonly FormOptions s_limits = new()
    {
        ValueCountLimit = 16, KeyLengthLimit = 64, ValueLengthLimit = 4096, MultipartBodyLengthLimit = 4096, MultipartHeadersCountLimit = 8, BufferBody = false,
    };

    private static readonly AdminAnswer s_noForm = AdminAnswer.Error(400, "HTTP 400 Bad Request");
    private static readonly AdminAnswer s_unknown = AdminAnswer.Message(404, "Invitation not found");
    private static readonly AdminAnswer s_notSent = AdminAnswer.Message(500, "Failed to send invite email");
    private static readonly AdminAnswer s_disabled = AdminAnswer.Message(400, "Organization is disabled");

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Post("organizations/{id}/members/invite-user", OrganizationRoutes.Manage, MemberRoutes.Users(Permission.ManageUsers, InviteAsync)),
        AdminRoute.Post("organizations/{id}/members/invite-existing-user", OrganizationRoutes.Manage, MemberRoutes.Users(Permission.ManageUsers, InviteExistingAsync)),
        AdminRoute.Get("organizations/{id}/invitations", OrganizationRoutes.View, MemberRoutes.Users(Permission.ViewUsers, ListAsync), noCache: false),
        AdminRoute.Get("organizations/{id}/invitations/{invitation}", OrganizationRoutes.View, MemberRoutes.Users(Permission.ViewUsers, One(Show)), noCache: false),
        AdminRoute.Delete("organizations/{id}/invitations/{invitation}", OrganizationRoutes.Manage, MemberRoutes.Users(Permission.ManageUsers, One(DeleteAsync))),
        AdminRoute.Post("organizations/{id}/invitations/{invitation}/resend", OrganizationRoutes.Manage, MemberRoutes.Users(Permission.ManageUsers, One(ResendAsync))),
    ];

    private static Func<AdminContext, OrganizationRepresentation, ValueTask<AdminAnswer>> One(
        Func<AdminContext, OrganizationRepresentation, Invitation, ValueTask<AdminAnswer>> then) => async (context, organization) =>
        await Store(context).FindInvitationAsync(context.Realm.Id, organization.Id!, context.Route("invitation"), context.Aborted) is { } invitation
            ? await then(context, organization, invitation)
            : s_unknown;

    private static IOrganizationStore Store(AdminContext context) => context.Service<IOrganizationStore>();

    private static async ValueTask<AdminAnswer> InviteAsync(AdminContext context, OrganizationRepresentation organization)
    {
        if (!(await FormAsync(context)).Ok(out var form, out var refusal))
        {
            return refusal;
        }

        if (form.Value("email")?.Trim() is not { Length: > 0 } email)
        {
            return AdminAnswer.Message(400, "Email is required to invite a member");
        }

        email = email.ToLowerInvariant();
        if (email.Length > MaxText || !EmailAddress.IsValid(email))
        {
            return AdminAnswer.Message(400, "Invalid email format");
        }

        if (await PendingAsync(context, organization, email) is not null)
        {
            return AdminAnswer.Message(409, "User already has a pending invitation");
        }

        var (first, last) = (form.Value("firstName"), form.Value("lastName"));
        if (first?.Length > MaxText || last?.Length > MaxText)
        {
            return AdminAnswer.Message(400, "A name is too long");
        }

        if (await context.Users.FindByEmailAsync(context.Realm.Id, email, context.Aborted) is { } known)
        {
            return await IsMemberAsync(context, organization, known)
                ? AdminAnswer.Message(409, "User already a member of the organization")
                : await SendAsync(context, organization, Make(context, organization, email, known.Representation.FirstName, known.Representation.LastName), known);
        }

        // One name alone says nothing.
        return await SendAsync(context, organization, first is null || last is null ? Make(context, organization, email, null, null) : Make(context, organization, email, first, last), null);
    }

    private static async ValueTask<AdminAnswer> InviteExistingAsync(AdminContext context, OrganizationRepresentation organization)
    {
        if (!(await FormAsync(context)).Ok(out var form, out var refusal))
        {
            return refusal;
        }

        if (form.Value("id") is not { } id || string.IsNullOrWhiteSpace(id))
        {
            return AdminAnswer.Error(400, "To invite a member you need to provide the user id");
        }

        if (await context.Users.FindAsync(context.Realm.Id, id, context.Aborted) is not { } user)
        {
            return AdminAnswer.Message(400, "User does not exist");
        }

        if (user.Email is not { Length: > 0 } email)
        {
            return AdminAnswer.Message(400, "User does not have an email address");
        }

        return await PendingAsync(context, organization, email) is null
            ? await SendAsync(context, organization, Make(context, organization, email, user.Representation.FirstName, user.Representation.LastName), user)
            : AdminAnswer.Conflict;
    }

    private static async ValueTask<AdminAnswer> SendAsync(AdminContext context, OrganizationRepresentation organization, Invitation invitation, User? user, Invitation? before = null)
    {
        if (user is not null && !context.Rights.On(user, "manage"))
        {
            return AdminAnswer.Forbidden;
        }

        if (organization.Enabled == false)
        {
            return s_disabled;
        }

        if (!await context.Service<InvitationMail>().SendAsync(context.Http, context.Realm, organization, invitation, user, context.Aborted))
        {
            return s_notSent;
        }

        // One that ran out makes room for the new one.
        var old = await Store(context).InvitationsAsync(context.Realm.Id, organization.Id!, new(Email: invitation.Email, ExpiredAt: context.Now), 0, -1, context.Aborted);
        if (before is not null)
        {
            old.Add(before);
        }

        await context.ApplyAsync([.. old.Select(i => (Change)new DeleteInvitation(organization.Id!, i.Id)), new PutInvitation(invitation)]);
        await context.RecordAsync("ACTION", "ORGANIZATION_MEMBERSHIP", context.PathInRealm);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context, OrganizationRepresentation organization)
    {
        var status = context.Query("status")?.ToUpperInvariant();
        var query = new InvitationQuery(
            null, context.Query("firstName"), context.Query("lastName"), context.Query("search")?.Trim(),
            status == "EXPIRED" ? context.Now : null, status == "PENDING" ? context.Now : null, context.Query("email"));
        var found = await Store(context).InvitationsAsync(context.Realm.Id, organization.Id!, query, context.First, context.Max(-1), context.Aborted);
        return AdminAnswer.Json([.. found.Select(i => Shown(context, i))], OrganizationJson.Default.ListInvitationRepresentation);
    }

    private static ValueTask<AdminAnswer> Show(AdminContext context, OrganizationRepresentation organization, Invitation invitation) =>
        new(AdminAnswer.Json(Shown(context, invitation), OrganizationJson.Default.InvitationRepresentation));

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, OrganizationRepresentation organization, Invitation invitation)
    {
        await context.ApplyAsync(new DeleteInvitation(organization.Id!, invitation.Id));
        await context.RecordAsync("DELETE", "ORGANIZATION_MEMBERSHIP", context.PathInRealm);
        return AdminAnswer.NoContent;
    }

    /// <summary>The mail goes out anew, with a new id: the link of the earlier one leads nowhere from then on.</summary>
    private static async ValueTask<AdminAnswer> ResendAsync(AdminContext context, OrganizationRepresentation organization, Invitation invitation)
    {
        var user = await context.Users.FindByEmailAsync(context.Realm.Id, invitation.Email, context.Aborted);
        return user is not null && await IsMemberAsync(context, organization, user)
            ? AdminAnswer.Message(409, "User already a member of the organization")
            : await SendAsync(context, organization, Make(context, organization, invitation.Email, invitation.FirstName, invitation.LastName), user, invitation);
    }

    /// <summary>The form, as scripts send it or, in parts, as Keycloak's console and its client for JavaScript do.</summary>
    private static async ValueTask<Read<Form>> FormAsync(AdminContext context)
    {
        var type = context.Http.Request.ContentType;
        if (type?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) ?? false)
        {
            return await PartsAsync(context) is { } parts ? parts : s_noForm;
        }

        return type is not null && !type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
            ? AdminAnswer.Error(415, "HTTP 415 Unsupported Media Type")
            : await RequestForm.ReadAsync(context.Http) is { } form ? form : s_noForm;
    }

    private static async ValueTask<Form?> PartsAsync(AdminContext context)
    {
        try
        {
            var form = await new FormFeature(context.Http.Request, s_limits).ReadFormAsync(context.Aborted);
            return form.Files.Count == 0 ? new Form(form.SelectMany(f => f.Value.Select(v => KeyValuePair.Create(f.Key, v ?? "")))) : null;
        }
        catch (Exception refused) when (refused is InvalidDataException or IOException or BadHttpRequestException)
        {
            return null;
        }
    }

    private static async ValueTask<Invitation?> PendingAsync(AdminContext context, OrganizationRepresentation organization, string email) =>
        (await Store(context).InvitationsAsync(context.Realm.Id, organization.Id!, new(Email: email, LiveAt: context.Now), 0, 1, context.Aborted)).FirstOrDefault();

    private static async ValueTask<bool> IsMemberAsync(AdminContext context, OrganizationRepresentation organization, User user) =>
        await Store(context).FindMemberAsync(context.Realm.Id, organization.Id!, user.Id, context.Aborted) is not null;

    private static Invitation Make(AdminContext context, OrganizationRepresentation organization, string email, string? first, string? last) => new(
        Ids.New(), organization.Id!, email.ToLowerInvariant(), first, last, context.Now,
        context.Now + ((context.Realm.Settings.ActionTokenGeneratedByAdminLifespan ?? 43200) * 1000L));

    private static InvitationRepresentation Shown(AdminContext context, Invitation invitation) => new()
    {
        Id = invitation.Id, OrganizationId = invitation.OrganizationId, Email = invitation.Email, FirstName = invitation.FirstName, LastName = invitation.LastName,
        SentDate = invitation.Sent / 1000, ExpiresAt = invitation.Expires / 1000, Status = invitation.Expires > context.Now ? "PENDING" : "EXPIRED",
    };
}
