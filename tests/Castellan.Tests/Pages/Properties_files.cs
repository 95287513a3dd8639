using System.Text;
using Castellan.Server.Pages;

namespace Castellan.Tests.Pages;

/// <summary>Message files as Java reads them (<c>java.util.Properties</c>), in the encodings that Keycloak takes.</summary>
public sealed class Properties_files
{
    public static TheoryData<string, string, string> Lines => new()
    {
        { "a=b", "a", "b" }, { "a:b", "a", "b" }, { "a b", "a", "b" }, { "a\tb", "a", "b" }, { "a = b", "a", "b" }, { "  a  :  b  ", "a", "b  " }, { "a", "a", "" }, { "a=", "a", "" },
        { "a==b", "a", "=b" }, { "a=:b", "a", ":b" }, { "a = = b", "a", "= b" }, { "=b", "", "b" }, { "a\\=b=c", "a=b", "c" }, { "a\\:b c", "a:b", "c" }, { "a\\ b=c", "a b", "c" },
        { "a=b\\\nc", "a", "bc" }, { "a=b\\\n   c", "a", "bc" }, { "a=b\\\r\n\tc", "a", "bc" }, { "a=b\\\n\nc=d", "a", "b" }, { "a=b\\\\\nc=d", "a", "b\\" }, { "a=b\\\\\\\nc", "a", "b\\c" },
        { "a\\\nb=c", "ab", "c" }, { "a=b\\\n# c", "a", "b# c" }, { "a=b\\", "a", "b" }, { "a=\\\n\\\nb", "a", "b" },
        { "a=\\u00e9", "a", "é" }, { "a=\\u20AC5", "a", "€5" }, { "a=\\uD83D\\uDE00", "a", "😀" }, { "\\u0061=b", "a", "b" }, { "a=\\t\\n\\r\\f", "a", "\t\n\r\f" }, { "a=\\q\\\"\\'\\\\", "a", "q\"'\\" },
        { "a=\\ b", "a", " b" }, { "a=It''s {0}", "a", "It''s {0}" }, { "a=1\na=2", "a", "2" }, { "# x=y\n! z=w\n\n \t\n  # v=w\na=b", "a", "b" }, { "a=b # c", "a", "b # c" },
        { "a=\\\\u00e9", "a", "\\u00e9" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_line_says_what_it_says_to_Java(string file, string key, string text) => Assert.Equal(text, PropertiesFile.Read(Encoding.UTF8.GetBytes(file)).GetValueOrDefault(key));

    [Fact]
    public void Comments_and_empty_lines_say_nothing() => Assert.Empty(PropertiesFile.Read("#a=b\n!c=d\n   # e=f \\\n\n\t\n"u8));

    public static TheoryData<byte[]> Encodings => new()
    {
        Encoding.UTF8.GetBytes("a=Grüße"), Encoding.Latin1.GetBytes("a=Grüße"), Encoding.UTF8.GetBytes("\uFEFFa=Grüße"), "a=Gr\\u00fc\\u00DFe"u8.ToArray(),
        Encoding.UTF8.GetBytes("# encoding: UTF-8\na=Grüße"), Encoding.Latin1.GetBytes("# Grüße\na=Grüße"),
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_file_is_UTF_8_or_else_Latin_1(byte[] file) => Assert.Equal("Grüße", PropertiesFile.Read(file)["a"]);

    [Theory]
    [InlineData("a=\\u"), InlineData("a=\\u12"), InlineData("a=\\u12G4"), InlineData("a=\\u 123"), InlineData("a=\\u+123"), InlineData("\\uzzzz=a")]
    public void Half_of_an_escape_is_no_file(string file) => Assert.Throws<FormatException>(() => PropertiesFile.Read(Encoding.UTF8.GetBytes(file)));
}
