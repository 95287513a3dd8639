namespace Castellan.Core.Mappers;

/// <summary>A note of the user session: the time of sign-in, a service account's address, what a step or broker left.</summary>
internal sealed class SessionNoteMapper : IProtocolMapper
{
    public string Id => "oidc-usersessionmodel-note-mapper";

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => mapper.Includes(target);

    public void Map(MapperContext context, MapperModel mapper)
    {
        if (mapper["user.session.note"] is { } note)
        {
            ClaimValues.Set(context, mapper, context.Grant.Session.Notes.GetValueOrDefault(note));
        }
    }
}
