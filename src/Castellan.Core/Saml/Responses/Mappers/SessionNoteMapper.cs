using Castellan.Core.Mappers;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>A note of the user session: what a step or an identity provider left.</summary>
internal sealed class SessionNoteMapper : ISamlMapper
{
    public string Id => "saml-user-session-note-mapper";

    public void Map(SamlMapperContext context, MapperModel mapper)
    {
        if (mapper["note"] is { } note && context.Session.Notes.GetValueOrDefault(note) is { } value)
        {
            context.Add(mapper, value);
        }
    }
}
