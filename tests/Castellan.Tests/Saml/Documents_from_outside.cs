using System.Text;
using Castellan.Protocol.Saml;

namespace Castellan.Tests.Saml;

/// <summary>What is not even read.</summary>
public sealed class Documents_from_outside
{
    public static TheoryData<string> Refused =>
    [
        "", "text", "<a>", "<a></b>", "<a/><b/>", "<a b='1' b='2'/>", "<a>&unknown;</a>", "<a>\u0001</a>", "<p:a/>",
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM 'http://localhost:1/a.dtd'><a/>",
        string.Concat(Enumerable.Repeat("<a>", 200)) + string.Concat(Enumerable.Repeat("</a>", 200)),
        $"<a>{new string('x', UntrustedXml.MaxBytes)}</a>",
    ];

    [Theory, MemberData(nameof(Refused))]
    public void A_document_is_refused_that_is_broken_has_a_type_or_goes_beyond_a_bound(string document) =>
        Assert.Null(UntrustedXml.Read(Encoding.UTF8.GetBytes(document)));

    [Theory]
    [InlineData("<n>admin<!-- -->@example.org</n>", "admin@example.org")]
    [InlineData("<n><![CDATA[admin]]>@example.org</n>", "admin@example.org")]
    [InlineData("<n>admin<?x y?>@example.org</n>", "admin@example.org")]
    [InlineData("<n> &#x61;dmin\n</n>", "admin")]
    [InlineData("<n> <!-- x --> </n>", null)]
    public void A_text_is_all_of_what_stands_there(string document, string? text) =>
        Assert.Equal(text, UntrustedXml.Read(Encoding.UTF8.GetBytes(document))!.DocumentElement.Text());
}
