using System.Net.Http.Headers;

namespace Castellan.Tests.Rfc6750;

public sealed class Section_2_Ways_of_sending_a_token
{
    [Theory]
    [InlineData(false, 1, 200, "")]
    [InlineData(true, 0, 200, "")]
    [InlineData(true, 1, 400, "More than one method used for including an access token")]
    [InlineData(false, 2, 400, "Duplicate parameter")]
    [InlineData(true, 2, 400, "Duplicate parameter")]
    public async Task One_and_only_one_is_used(bool header, int fields, int status, string refusal)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var token = (await realm.SignInAsync()).Access;
        var answer = await realm.PostAsync(
            "userinfo",
            request => request.Headers.Authorization = header ? new AuthenticationHeaderValue("Bearer", token) : null,
            [.. Enumerable.Repeat(("access_token", token), fields)]);
        Assert.Equal(status, answer.Status);
        Assert.Equal(refusal.Length == 0 ? "" : $"Bearer realm=\"{realm.Name}\", error=\"invalid_request\", error_description=\"{refusal}\"", answer.Challenge);
    }
}
