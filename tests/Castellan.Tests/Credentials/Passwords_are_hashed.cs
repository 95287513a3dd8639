using System.Text.Json.Nodes;
using Castellan.Core.Credentials;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Tests.Users;

namespace Castellan.Tests.Credentials;

using PeopleRealm = Castellan.Tests.Users.PeopleRealm;

public class Passwords_are_hashed
{
    private const string Password = "Correct-horse-1";

    /// <summary>Hashes made by other programs.</summary>
    public static TheoryData<string, string, string> Foreign => new()
    {
        { """{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"hashLength":["32"],"memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}""", "MDEyMzQ1Njc4OWFiY2RlZg==", "NOvs/yIOIFkWNmEDA4933WQjYuRzRxLxyOJU4f7Mr3k=" },
        { """{"hashIterations":3,"algorithm":"argon2","additionalParameters":{"hashLength":["24"],"memory":["4096"],"type":["i"],"version":["1.3"],"parallelism":["2"]}}""", "ZmVkY2JhOTg3NjU0MzIxMA==", "Rs/4fpj/45i8iXnvCjefz4MXRbqqHHZi" },
        { """{"hashIterations":2,"algorithm":"argon2","additionalParameters":{"hashLength":["64"],"memory":["8192"],"type":["d"],"version":["1.3"],"parallelism":["1"]}}""", "c2FsdC1vZi0xNi1ieXRlcw==", "J768ZvftI2+Frp9npLQ/PmdMKKLsSurnoU5FoM806IavwqDn+cW6Lv1fm4LzS18i1uULwN7vhgF98dk0FHJKBg==" },
        { """{"hashIterations":1000,"algorithm":"pbkdf2-sha512","additionalParameters":{}}""", "YS1zYWx0LW9mLXNpeHRlZW4=", Convert.ToBase64String(System.Security.Cryptography.Rfc2898DeriveBytes.Pbkdf2(Password, "a-salt-of-sixteen"u8.ToArray(), 1000, System.Security.Cryptography.HashAlgorithmName.SHA512, 32)) },
        { """{"hashIterations":1000,"algorithm":"pbkdf2"}""", "YS1zYWx0LW9mLXNpeHRlZW4=", Convert.ToBase64String(System.Security.Cryptography.Rfc2898DeriveBytes.Pbkdf2(Password, "a-salt-of-sixteen"u8.ToArray(), 1000, System.Security.Cryptography.HashAlgorithmName.SHA1, 64)) },
    };

    [Theory, MemberData(nameof(Foreign))]
    public async Task A_hash_made_elsewhere_lets_its_owner_in_and_is_brought_up_to_date(string data, string salt, string hash)
    {
        await using var realm = await PeopleRealm.OpenAsync();
        var user = await realm.AddUserAsync("alice");
        await realm.ApplyAsync(new PutCredential(user.Id, new()
        {
            Id = "c", Type = "password", UserLabel = "from elsewhere", CreatedDate = 1_600_000_000_000, CredentialData = data,
            SecretData = new JsonObject { ["value"] = hash, ["salt"] = salt }.ToJsonString(),
        }));

        Assert.Equal(PasswordVerdict.Wrong, await realm.Passwords.VerifyAsync(realm.Realm, user, "wrong"));
        Assert.Equal(PasswordVerdict.Right, await realm.Passwords.VerifyAsync(realm.Realm, user, Password));
        var stored = Assert.Single(await realm.Store.CredentialsAsync("r", user.Id));
        var now = JsonNode.Parse(stored.CredentialData!)!;
        Assert.Equal(("argon2", "id", "from elsewhere", 1_600_000_000_000), ((string?)now["algorithm"], (string?)now["additionalParameters"]!["type"]![0], stored.UserLabel, stored.CreatedDate));
        Assert.Equal(PasswordVerdict.Right, await realm.Passwords.VerifyAsync(realm.Realm, user, Password));
    }

    [Fact]
    public async Task A_new_hash_has_Keycloaks_form()
    {
        await using var realm = await PeopleRealm.OpenAsync();
        var credential = (await realm.Passwords.HashAsync(realm.Realm, Password))!;
        Assert.Equal(
            """{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"hashLength":["32"],"memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}""",
            credential.CredentialData);
        var secret = JsonNode.Parse(credential.SecretData!)!;
        Assert.Equal((32, 16), (Convert.FromBase64String((string)secret["value"]!).Length, Convert.FromBase64String((string)secret["salt"]!).Length));
        Assert.Equal("{}", secret["additionalParameters"]!.ToJsonString());
    }

    [Theory]
    [InlineData("hashAlgorithm(pbkdf2-sha256) and hashIterations(2000)", "pbkdf2-sha256", 2000)]
    [InlineData("hashAlgorithm(pbkdf2-sha512)", "pbkdf2-sha512", 210000)]
    [InlineData("hashIterations(2)", "argon2", 5)]
    public async Task A_sign_in_hashes_anew_what_the_policy_no_longer_wants(string policy, string algorithm, int iterations)
    {
        await using var realm = await PeopleRealm.OpenAsync();
        var user = await realm.AddUserAsync("alice", Password);
        await realm.ConfigureAsync(r => r.PasswordPolicy = policy);
        Assert.Equal(PasswordVerdict.Right, await realm.Passwords.VerifyAsync(realm.Realm, user, Password));
        var now = JsonNode.Parse(Assert.Single(await realm.Store.CredentialsAsync("r", user.Id)).CredentialData!)!;
        Assert.Equal((algorithm, iterations), ((string?)now["algorithm"], (int)now["hashIterations"]!));
    }

    [Theory]
    [InlineData("""{"hashIterations":1,"algorithm":"rot13"}""", """{"value":"eA==","salt":"eA=="}""")]
    [InlineData("""{"hashIterations":1,"algorithm":"pbkdf2"}""", """{"value":"eA=="}""")]
    [InlineData("""{"hashIterations":0,"algorithm":"pbkdf2"}""", """{"value":"eA==","salt":"eA=="}""")]
    [InlineData("""{"hashIterations":1,"algorithm":"pbkdf2"}""", """{"value":"","salt":"eA=="}""")]
    [InlineData("""{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"memory":["999999999"]}}""", """{"value":"AAAAAAAAAAAAAAAAAAAAAAAAAAA=","salt":"eA=="}""")]
    [InlineData("no json", "at all")]
    [InlineData(null, null)]
    public async Task What_cannot_be_computed_lets_nobody_in(string? data, string? secret)
    {
        await using var realm = await PeopleRealm.OpenAsync();
        var user = await realm.AddUserAsync("alice");
        await realm.ApplyAsync(new PutCredential(user.Id, new() { Id = "c", Type = "password", CredentialData = data, SecretData = secret }));
        Assert.Equal(PasswordVerdict.Wrong, await realm.Passwords.VerifyAsync(realm.Realm, user, "x"));
        Assert.Equal(PasswordVerdict.Wrong, await realm.Passwords.VerifyAsync(realm.Realm, user, ""));
        Assert.Equal(PasswordVerdict.Wrong, await realm.Passwords.VerifyAsync(realm.Realm, null, "x"));
    }

    [Fact]
    public void The_old_form_of_a_password_and_of_a_code_generator_is_converted()
    {
        var password = CredentialForms.ToStored(new() { Type = "password", HashedSaltedValue = "dg==", Salt = "cw==", HashIterations = 20000, Algorithm = "pbkdf2" }, TimeProvider.System);
        Assert.Equal(("""{"hashIterations":20000,"algorithm":"pbkdf2"}""", """{"value":"dg==","salt":"cw=="}"""), (password.CredentialData, password.SecretData));
        var code = CredentialForms.ToStored(new() { Type = "totp", HashedSaltedValue = "secret", Digits = 6, Period = 30, Counter = 0, Algorithm = "HmacSHA1", Device = "phone" }, TimeProvider.System);
        Assert.Equal(("otp", "phone", """{"subType":"totp","digits":6,"counter":0,"period":30,"algorithm":"HmacSHA1"}"""), (code.Type, code.UserLabel, code.CredentialData));
        Assert.Null(CredentialForms.ToShown(code).SecretData);
    }

    [Fact]
    public async Task The_line_for_hashing_is_bounded_and_what_does_not_fit_is_told_so()
    {
        using var queue = new HashingQueue(1);
        using var gate = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        var first = queue.TryRun(() =>
        {
            begun.Set();
            gate.Wait();
            return 1;
        });
        begun.Wait(TestContext.Current.CancellationToken);
        var waiting = Enumerable.Range(0, HashingQueue.WaitingPerThread).Select(i => queue.TryRun(() => i)).ToList();
        Assert.All(waiting, Assert.NotNull);
        Assert.Null(queue.TryRun(() => 0));
        gate.Set();
        Assert.Equal(1, await first!);
        Assert.Equal(Enumerable.Range(0, HashingQueue.WaitingPerThread), await Task.WhenAll(waiting!));
    }

    [Fact]
    public async Task Work_that_throws_harms_neither_the_thread_nor_the_next()
    {
        using var queue = new HashingQueue(1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => queue.TryRun<int>(() => throw new InvalidOperationException())!);
        Assert.Equal(2, await queue.TryRun(() => 2)!);
    }

    [Fact]
    public void Printing_a_secret_shows_none() => Assert.DoesNotContain("dg==", new PasswordSecretData("dg==", "cw==", null).ToString());
}
