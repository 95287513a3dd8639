using Castellan.Core.Brokering;

namespace Castellan.Tests.Brokering;

/// <summary>The tokens of providers as they are kept with links.</summary>
public sealed class Tokens_that_are_kept
{
    [Theory]
    [InlineData("""{"refresh_token":"a","refresh_expires_in":7}""", """{"access_token":"b"}""", """{"access_token":"b","refresh_token":"a","refresh_expires_in":7}""")]
    [InlineData("""{"refresh_token":"a"}""", """{"refresh_token":"b"}""", """{"refresh_token":"b"}""")]
    [InlineData("""{"access_token":"a"}""", """{"access_token":"b"}""", """{"access_token":"b"}""")]
    [InlineData("PHNhbWw+", "PHNhbWwy", "PHNhbWwy")]
    [InlineData("{nonsense", """{"access_token":"b"}""", """{"access_token":"b"}""")]
    public void A_refresh_token_stays_until_there_is_another(string before, string now, string kept) => Assert.Equal(kept, StoredTokens.Renewed(before, now));
}
