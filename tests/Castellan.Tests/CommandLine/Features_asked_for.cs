using Castellan.CommandLine;

namespace Castellan.Tests.CommandLine;

public sealed class Features_asked_for
{
    [Theory]
    [InlineData("--features=organization,passkeys,preview", "")]
    [InlineData("--features=admin-fine-grained-authz", "")]
    [InlineData("--features=admin-fine-grained-authz:v2,identity-brokering-api:v1", "")]
    [InlineData("--features=admin-fine-grained-authz:v1,token-exchange", "admin-fine-grained-authz:v1, token-exchange")]
    [InlineData("--features=identity-brokering-api:v2", "identity-brokering-api:v2")]
    [InlineData("--feature-admin-fine-grained-authz=v1", "admin-fine-grained-authz:v1")]
    [InlineData("--feature-admin-fine-grained-authz=v2", "")]
    [InlineData("--feature-token-exchange=enabled", "token-exchange")]
    public void Who_asks_for_what_is_not_built_is_told(string option, string missing)
    {
        var settings = Settings.Collect(Invocation.Parse("castellan", ["start-dev", option]), new Dictionary<string, string>(), null);
        var warned = new List<string>();
        Features.Warn(settings, warned.Add);
        Assert.Equal(missing.Length == 0 ? [] : missing.Split(", ").Select(f => $"The feature '{f}' is not available here"), warned);
    }
}
