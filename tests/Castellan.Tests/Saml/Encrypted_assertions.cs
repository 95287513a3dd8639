using System.Text;
using System.Xml;
using Castellan.Protocol.Saml;

namespace Castellan.Tests.Saml;

/// <summary>Encrypted assertions (XML Encryption 1.1, SAML core §6).</summary>
public sealed class Encrypted_assertions
{
    private const string Enc = "http://www.w3.org/2001/04/xmlenc#";
    private const string Enc11 = "http://www.w3.org/2009/xmlenc11#";

    private const string Assertion = """<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="urn:xs" ID="a1"><saml:Value type="xs:string">ä</saml:Value></saml:Assertion>""";

    public static TheoryData<string?, string?, string?, string?> Methods => new()
    {
        { null, null, null, null },
        { Enc11 + "aes128-gcm", Enc11 + "rsa-oaep", Enc + "sha512", Enc11 + "mgf1sha1" },
        { Enc11 + "aes192-gcm", Enc11 + "rsa-oaep", SamlNames.Signature + "sha1", Enc11 + "mgf1sha512" },
        { Enc + "aes128-cbc", Enc + "rsa-1_5", null, null },
        { Enc + "aes192-cbc", Enc + "rsa-oaep-mgf1p", null, null },
        { Enc + "aes256-cbc", Enc + "rsa-oaep-mgf1p", SamlNames.Signature + "sha1", null },
    };

    [Theory, MemberData(nameof(Methods))]
    public void An_assertion_comes_out_as_it_went_in(string? content, string? transport, string? digest, string? mask)
    {
        var hidden = Encrypt(new(content, transport, digest, mask))!;
        Assert.Equal(Assertion, Text(XmlEncryption.Open(hidden, [SamlKeys.Strange, SamlKeys.Known], oldPadding: true)!.ToBytes()));
        Assert.Null(XmlEncryption.Open(hidden, [SamlKeys.Strange], oldPadding: true));
        Assert.Equal(transport?.EndsWith("1_5", StringComparison.Ordinal) is true, XmlEncryption.Open(hidden, [SamlKeys.Known], oldPadding: false) is null);
    }

    [Theory, InlineData("urn:none", null, null), InlineData(null, "urn:none", null), InlineData(null, null, "urn:none"), InlineData("", null, null)]
    public void Nothing_is_encrypted_in_a_way_that_is_not_known(string? content, string? transport, string? digest) => Assert.Null(Encrypt(new(content, transport, digest)));

    [Fact]
    public void The_key_may_stand_beside_the_data()
    {
        var hidden = Encrypt(new())!;
        var data = hidden.Only("EncryptedData", SamlNames.Encryption)!;
        var info = data.Only("KeyInfo", SamlNames.Signature)!;
        hidden.AppendChild(info.FirstChild!);
        data.RemoveChild(info);
        Assert.NotNull(XmlEncryption.Open(hidden, [SamlKeys.Known], oldPadding: false));
    }

    [Theory, InlineData(Enc11 + "aes256-gcm"), InlineData(Enc + "aes256-cbc")]
    public void No_damage_tells_more_than_that_it_is_damaged(string content)
    {
        for (var at = 0; at < 12; at++)
        {
            foreach (var part in new[] { 0, 1 })
            {
                var hidden = Encrypt(new(content))!;
                var value = (XmlElement)hidden.GetElementsByTagName("CipherValue", SamlNames.Encryption)[part]!;
                var bytes = Convert.FromBase64String(value.InnerText);
                bytes[at * bytes.Length / 12] ^= 1;
                value.InnerText = Convert.ToBase64String(bytes);
                var opened = XmlEncryption.Open(hidden, [SamlKeys.Known], oldPadding: true);
                // CBC alone does not notice every change; a signature has to.
                Assert.True(opened is null || content.EndsWith("cbc", StringComparison.Ordinal));
            }
        }
    }

    [Theory, InlineData(""), InlineData("AAAA"), InlineData("no base64")]
    public void A_text_that_is_cut_off_is_nothing(string value)
    {
        foreach (var content in new[] { Enc11 + "aes128-gcm", Enc + "aes128-cbc" })
        {
            foreach (var part in new[] { 0, 1 })
            {
                var hidden = Encrypt(new(content))!;
                hidden.GetElementsByTagName("CipherValue", SamlNames.Encryption)[part]!.InnerText = value;
                Assert.Null(XmlEncryption.Open(hidden, [SamlKeys.Known], oldPadding: true));
            }
        }
    }

    private static XmlElement? Encrypt(XmlEncryptionMethod method) => XmlEncryption.For(SamlKeys.Known, method)?.Encrypt(Read(Assertion));

    private static XmlElement Read(string text) => UntrustedXml.Read(Encoding.UTF8.GetBytes(text))!.DocumentElement!;

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
