using Castellan.Protocol.Ldap;
using Castellan.Server.Ldap;

namespace Castellan.Tests.Rfc4511;

/// <summary>Messages between client and directory, octet by octet.</summary>
public sealed class Messages
{
    [Fact]
    public void A_simple_bind_is_written_as_the_standard_says() =>
        Assert.Equal("300F02010160" + "0A020103040163" + "800270" + "77", Convert.ToHexString(LdapRequests.Bind(1, "c", "pw")));

    [Fact]
    public void An_answer_is_read()
    {
        var answer = LdapMessages.Read(Convert.FromHexString("300C02010161070A013104000400"))!;
        Assert.Equal((1, LdapMessages.BindResponse, LdapMessages.InvalidCredentials), (answer.MessageId, answer.Operation, answer.ResultCode));
    }

    [Fact]
    public void An_entry_is_read_with_its_values()
    {
        var answer = LdapMessages.Read(Convert.FromHexString("3015020102" + "6410" + "0400" + "300C" + "300A" + "040161" + "3105" + "040178" + "0400"))!;
        Assert.Equal(["x", ""], answer.Entry!.Texts("A"));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("30", 0)]
    [InlineData("3005", 7)]
    [InlineData("3081", 0)]
    [InlineData("30818010", 131)]
    [InlineData("3182", -1)]
    [InlineData("3080", -1)]
    [InlineData("3084FFFFFFFF", -1)]
    public void The_length_of_a_message_is_told_from_its_beginning(string begun, int length) => Assert.Equal(length, LdapMessages.Length(Convert.FromHexString(begun)));

    [Theory]
    [InlineData("3003020101")]
    [InlineData("300402010104")]
    [InlineData("3006020101610100")]
    [InlineData("FFFF")]
    public void What_is_no_answer_is_none(string message) => Assert.Null(LdapMessages.Read(Convert.FromHexString(message)));

    [Theory]
    [InlineData("ldap://a", "a 389 False")]
    [InlineData("ldaps://a ldap://b:1389", "a 636 True, b 1389 False")]
    [InlineData("http://a", null)]
    [InlineData("nonsense", null)]
    [InlineData(" ", null)]
    public void Addresses_are_read(string setting, string? addresses) =>
        Assert.Equal(addresses, LdapAddress.Parse(setting) is { } read ? string.Join(", ", read.Select(a => $"{a.Host} {a.Port} {a.Tls}")) : null);
}
