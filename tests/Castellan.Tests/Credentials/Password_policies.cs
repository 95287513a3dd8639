using Castellan.Core.Credentials;
using Castellan.Tests.Users;

namespace Castellan.Tests.Credentials;

using PeopleRealm = Castellan.Tests.Users.PeopleRealm;

public class Password_policies
{
    [Theory]
    [InlineData("length(8)", "short", "longenough", "invalidPasswordMinLengthMessage", "Invalid password: minimum length 8.")]
    [InlineData("length", "short", "longenough", "invalidPasswordMinLengthMessage", "Invalid password: minimum length 8.")]
    [InlineData("maxLength(10)", "much-too-long", "fits", "invalidPasswordMaxLengthMessage", "Invalid password: maximum length 10.")]
    [InlineData("digits(2)", "one1", "two22", "invalidPasswordMinDigitsMessage", "Invalid password: must contain at least 2 numerical digits.")]
    [InlineData("lowerCase(2)", "ABCd", "ABcd", "invalidPasswordMinLowerCaseCharsMessage", "Invalid password: must contain at least 2 lower case characters.")]
    [InlineData("upperCase(2)", "abcD", "abCD", "invalidPasswordMinUpperCaseCharsMessage", "Invalid password: must contain at least 2 upper case characters.")]
    [InlineData("specialChars(2)", "ab!", "ab!?", "invalidPasswordMinSpecialCharsMessage", "Invalid password: must contain at least 2 special characters.")]
    [InlineData("notUsername(undefined)", "BOB", "bob1", "invalidPasswordNotUsernameMessage", "Invalid password: must not be equal to the username.")]
    [InlineData("notContainsUsername", "xBoBx", "xyz", "invalidPasswordNotContainsUsernameMessage", "Invalid password: Can not contain the username.")]
    [InlineData("notEmail", "bob@example.org", "bob@example.com", "invalidPasswordNotEmailMessage", "Invalid password: must not be equal to the email.")]
    [InlineData("regexPattern(^[a-c]+$)", "abcd", "abc", "invalidPasswordRegexPatternMessage", "Invalid password: fails to match regex pattern(s).")]
    [InlineData("regexPattern([0-9])", "abc4", "4", "invalidPasswordRegexPatternMessage", "Invalid password: fails to match regex pattern(s).")]
    [InlineData("regexPattern((a+)+b)", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aab", "invalidPasswordRegexPatternMessage", "Invalid password: fails to match regex pattern(s).")]
    [InlineData("passwordBlacklist(common.txt)", "PassWord", "other", "invalidPasswordBlacklistedMessage", "Invalid password: password is blacklisted.")]
    [InlineData("passwordBlacklist(breached.txt)", "hunter2", "hunter3", "invalidPasswordBlacklistedMessage", "Invalid password: password is blacklisted.")]
    [InlineData("passwordBlacklist(common-passwords.txt)", "ILoveYou", "correct battery horse 7", "invalidPasswordBlacklistedMessage", "Invalid password: password is blacklisted.")]
    public async Task A_policy_refuses_and_accepts(string policy, string bad, string good, string key, string text)
    {
        await using var realm = await PeopleRealm.OpenAsync(r => r.PasswordPolicy = policy);
        await File.WriteAllTextAsync(Path.Combine(realm.BlacklistFolder, "common.txt"), "password\n123456\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(realm.BlacklistFolder, "breached.txt"), "F3BBBD66A63D4BF1747940578EC3D0103530E21D:17043\n", TestContext.Current.CancellationToken);
        var refusal = realm.Changes.Check(realm.Realm, "bob", "bob@example.org", bad);
        Assert.Equal((key, text), (refusal?.Key, refusal?.Text));
        Assert.Null(realm.Changes.Check(realm.Realm, "bob", "bob@example.org", good));
    }

    [Theory]
    [InlineData("moon(1)", "Password policy not found")]
    [InlineData("length(many)", "Invalid config for length: Not a valid number")]
    [InlineData("length( 8 )", "Invalid config for length: Not a valid number")]
    [InlineData("regexPattern([)", "Invalid config for regexPattern: Not a valid regular expression")]
    [InlineData("regexPattern", "Invalid config for regexPattern: Config required")]
    [InlineData("regexPattern( )", "Invalid config for regexPattern: White space not acepted")]
    [InlineData("hashAlgorithm()", null)]
    [InlineData("hashAlgorithm(rot13)", "Invalid config for hashAlgorithm: Password hashing provider not found")]
    [InlineData("length(8) and digits(1) and notUsername(undefined)", null)]
    [InlineData("length", null)]
    [InlineData("length(-1)", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_policy_that_is_none_is_named(string? policy, string? problem) => Assert.Equal(problem, PasswordPolicy.Problem(policy));

    [Theory, InlineData("../common.txt"), InlineData("/etc/passwd"), InlineData(".."), InlineData("missing.txt"), InlineData("")]
    public async Task A_block_list_lies_in_its_folder_or_nowhere(string name)
    {
        await using var realm = await PeopleRealm.OpenAsync();
        Assert.NotNull(new PasswordBlacklists(realm.BlacklistFolder).Problem(name));
        Assert.False(new PasswordBlacklists(realm.BlacklistFolder).Contains(name, "root"));
    }

    [Fact]
    public async Task One_refusal_is_named_in_Keycloaks_order()
    {
        List<string> left = ["length(8)", "digits(1)", "lowerCase(9)", "upperCase(1)", "specialChars(1)", "notUsername", "notContainsUsername", "regexPattern(^x$)", "maxLength(2)"];
        string[] order =
        [
            "notContainsUsername", "specialChars", "upperCase", "lowerCase", "length", "regexPattern", "digits", "notUsername", "maxLength",
        ];
        await using var realm = await PeopleRealm.OpenAsync();
        foreach (var expected in order)
        {
            var first = PasswordPolicy.Parse(string.Join(" and ", left));
            var refusal = realm.Changes.Check(first, "bob", null, "bob")!;
            Assert.Contains(expected == "length" ? "MinLength" : expected, refusal.Key, StringComparison.OrdinalIgnoreCase);
            left.RemoveAll(p => p.Split('(')[0] == expected);
        }
    }

    [Fact]
    public async Task Earlier_passwords_may_not_come_back_until_they_are_forgotten()
    {
        await using var realm = await PeopleRealm.OpenAsync(r => r.PasswordPolicy = "passwordHistory(2)");
        await realm.AddUserAsync("bob");
        Assert.True(await SetAsync("first-1"));
        Assert.False(await SetAsync("first-1"));
        Assert.True(await SetAsync("second-2"));
        Assert.False(await SetAsync("first-1"));
        Assert.True(await SetAsync("third-3"));
        Assert.True(await SetAsync("first-1"));
        Assert.Equal(["password", "password-history"], (await realm.Store.CredentialsAsync("r", "bob-id")).Select(c => c.Type));

        async Task<bool> SetAsync(string password)
        {
            realm.Time.Move(TimeSpan.FromSeconds(1));
            var change = await realm.Changes.ReplaceAsync(realm.Realm, await realm.UserAsync("bob"), password);
            await realm.ApplyAsync([.. change.Changes]);
            Assert.True(change.Ok || change.Refusal!.Text == "Invalid password: must not be equal to any of last 2 passwords.");
            return change.Ok;
        }
    }

    [Fact]
    public async Task A_password_is_kept_from_coming_back_for_days()
    {
        await using var realm = await PeopleRealm.OpenAsync(r => r.PasswordPolicy = "passwordAge(1)");
        await realm.AddUserAsync("bob", "first-1");
        Assert.False(await SetAsync("first-1"));
        Assert.True(await SetAsync("second-2"));
        Assert.False(await SetAsync("first-1"));
        realm.Time.Move(TimeSpan.FromDays(1.1));
        Assert.True(await SetAsync("first-1"));

        async Task<bool> SetAsync(string password)
        {
            realm.Time.Move(TimeSpan.FromSeconds(1));
            var change = await realm.Changes.ReplaceAsync(realm.Realm, await realm.UserAsync("bob"), password);
            await realm.ApplyAsync([.. change.Changes]);
            return change.Ok;
        }
    }

    /// <summary>Only -1 switches these off.</summary>
    [Theory]
    [InlineData("passwordHistory(0)", "Invalid password: must not be equal to any of last 0 passwords."), InlineData("passwordHistory(-1)", null)]
    [InlineData("passwordAge(0)", "Invalid password: new password does not match password policies."), InlineData("passwordAge(-1)", null)]
    public async Task The_current_password_is_no_new_one_even_where_none_before_it_count(string policy, string? text)
    {
        await using var realm = await PeopleRealm.OpenAsync(r => r.PasswordPolicy = policy);
        await realm.AddUserAsync("bob", "first-1");
        Assert.Equal(text, (await realm.Changes.ReplaceAsync(realm.Realm, await realm.UserAsync("bob"), "first-1")).Refusal?.Text);
        var change = await realm.Changes.ReplaceAsync(realm.Realm, await realm.UserAsync("bob"), "second-2");
        await realm.ApplyAsync([.. change.Changes]);
        Assert.True((await realm.Changes.ReplaceAsync(realm.Realm, await realm.UserAsync("bob"), "first-1")).Ok);
    }

    [Theory, InlineData(0, true), InlineData(-1, false), InlineData(1, false)]
    public void A_password_that_may_be_no_day_old_expires_at_once(int days, bool expired) =>
        Assert.Equal(expired, PasswordPolicy.Parse($"forceExpiredPasswordChange({days})").IsExpired(new() { CreatedDate = 1000 }, 2000));

    [Fact]
    public void A_password_of_which_nobody_knows_the_age_has_expired() => Assert.True(PasswordPolicy.Parse("forceExpiredPasswordChange(9)").IsExpired(new(), 0));

    [Fact]
    public void A_password_expires_by_its_age()
    {
        var policy = PasswordPolicy.Parse("forceExpiredPasswordChange(2)");
        Assert.False(policy.IsExpired(new() { CreatedDate = 0 }, 2 * 86_400_000L));
        Assert.True(policy.IsExpired(new() { CreatedDate = 0 }, (2 * 86_400_000L) + 1));
        Assert.False(PasswordPolicy.Parse(null).IsExpired(new() { CreatedDate = 0 }, long.MaxValue));
    }
}
