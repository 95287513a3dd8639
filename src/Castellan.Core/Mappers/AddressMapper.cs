using Castellan.Core.Tokens;

namespace Castellan.Core.Mappers;

/// <summary>The claim <c>address</c> (OpenID Connect Core §5.1.1), from attributes of the user whose names can be configured; groups have no address.</summary>
internal sealed class AddressMapper : IProtocolMapper
{
    private static readonly (string Key, string Claim)[] s_members =
    [
        ("formatted", "formatted"), ("street", "street_address"), ("locality", "locality"), ("region", "region"), ("postal_code", "postal_code"),
        ("country", "country"),
    ];

    public string Id => "oidc-address-mapper";

    public void Map(MapperContext context, MapperModel mapper)
    {
        // Other mappers may have written parts of it.
        var address = context.Claims["address"] as Claims;
        foreach (var (key, claim) in s_members)
        {
            if (UserAttributes.Own(context.Grant.User, mapper[$"user.attribute.{key}"] ?? key) is [var value, ..])
            {
                (address ??= new Claims()).Set(claim, value);
            }
        }

        if (address is not null)
        {
            context.Claims.Set("address", address);
        }
    }
}
