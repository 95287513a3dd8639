using Castellan.Core.Users.Profile;

namespace Castellan.Server.Admin.Users;

/// <summary>Refusals of profiles, in the words of the admin API.</summary>
internal static class ProfileAnswers
{
    public static AdminAnswer Refuse(IReadOnlyList<ProfileError> errors)
    {
        foreach (var error in errors)
        {
            switch (error.Message)
            {
                case ProfileError.MissingUsername:
                    return AdminAnswer.Message(400, "User name is missing");
                case ProfileError.UsernameExists:
                    return AdminAnswer.Message(409, "User exists with same username");
                case ProfileError.EmailExists:
                    return AdminAnswer.Message(409, "User exists with same email");
            }
        }

        return errors is [var one]
            ? AdminAnswer.Json(Show(one), UsersJson.Default.ErrorView, 400, contentType: "application/json")
            : AdminAnswer.Json(new ErrorsView([.. errors.Select(Show)]), UsersJson.Default.ErrorsView, 400, contentType: "application/json");
    }

    private static ErrorView Show(ProfileError error) => new(error.Attribute, error.Message, [error.Attribute, .. error.Parameters]);
}
