using System.Text;
using System.Xml;
using Castellan.Protocol.Saml;

namespace Castellan.Tests.Saml;

/// <summary>The canonical forms of XML, by the examples in the recommendations that define them.</summary>
public sealed class Canonical_forms
{
    private const string First = """
        <n0:local xmlns:n0="foo:bar" xmlns:n3="ftp://example.org"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n0:local>
        """;

    private const string Second = """
        <n2:pdu xmlns:n1="http://example.com" xmlns:n2="http://foo.example" xml:lang="fr" xml:space="preserve"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n2:pdu>
        """;

    private const string Alone = """<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>""";

    /// <summary>Exclusive XML Canonicalization §2.2 (but for its value of xml:space, which readers refuse): the same part of two documents has two inclusive forms and one exclusive form.</summary>
    [Theory]
    [InlineData(First, """<n1:elem2 xmlns:n0="foo:bar" xmlns:n1="http://example.net" xmlns:n3="ftp://example.org" xml:lang="en"><n3:stuff></n3:stuff></n1:elem2>""")]
    [InlineData(Second, """<n1:elem2 xmlns:n1="http://example.net" xmlns:n2="http://foo.example" xml:lang="en" xml:space="preserve"><n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>""")]
    public void A_part_has_the_declarations_around_it_in_the_inclusive_form_only(string document, string inclusive)
    {
        var part = (XmlElement)Read(document).FirstChild!;
        Assert.Equal(inclusive, Text(CanonicalXml.Inclusive(part)));
        Assert.Equal(Alone, Text(CanonicalXml.Exclusive(part)));
    }

    [Fact]
    public void A_prefix_list_keeps_declarations_that_only_values_use() => Assert.Equal(
        """<a:b xmlns:a="urn:a" xmlns:xs="urn:xs" type="xs:string"><c xmlns="urn:d"></c></a:b>""",
        Text(CanonicalXml.Exclusive(Read("""<a:b xmlns="urn:d" xmlns:a="urn:a" xmlns:xs="urn:xs" xmlns:unused="urn:u" type="xs:string"><c/></a:b>"""), null, "xs")));

    [Fact]
    public void The_default_namespace_is_kept_by_its_word_in_a_prefix_list() => Assert.Equal(
        """<a:b xmlns="urn:d" xmlns:a="urn:a"><c></c></a:b>""",
        Text(CanonicalXml.Exclusive(Read("""<a:b xmlns="urn:d" xmlns:a="urn:a" xmlns:unused="urn:u"><c/></a:b>"""), null, "#default")));

    /// <summary>Canonical XML §3.3, without its attribute from a document type.</summary>
    [Fact]
    public void Tags_are_written_in_one_way() => Same(
        """
        <doc>
           <e1   />
           <e2   ></e2>
           <e3   name = "elem3"   id="elem3"   />
           <e4   name="elem4"   id="elem4"   ></e4>
           <e5 a:attr="out" b:attr="sorted" attr2="all" attr="I'm"
              xmlns:b="http://www.ietf.org"
              xmlns:a="http://www.w3.org"
              xmlns="http://example.org"/>
           <e6 xmlns="" xmlns:a="http://www.w3.org">
              <e7 xmlns="http://www.ietf.org">
                 <e8 xmlns="" xmlns:a="http://www.w3.org">
                    <e9 xmlns="" xmlns:a="http://www.ietf.org"/>
                 </e8>
              </e7>
           </e6>
        </doc>
        """,
        """
        <doc>
           <e1></e1>
           <e2></e2>
           <e3 id="elem3" name="elem3"></e3>
           <e4 id="elem4" name="elem4"></e4>
           <e5 xmlns="http://example.org" xmlns:a="http://www.w3.org" xmlns:b="http://www.ietf.org" attr="I'm" attr2="all" b:attr="sorted" a:attr="out"></e5>
           <e6 xmlns:a="http://www.w3.org">
              <e7 xmlns="http://www.ietf.org">
                 <e8 xmlns="">
                    <e9 xmlns:a="http://www.ietf.org"></e9>
                 </e8>
              </e7>
           </e6>
        </doc>
        """);

    /// <summary>Canonical XML §3.4, without its attributes from a document type.</summary>
    [Fact]
    public void Characters_are_written_in_one_way() => Same(
        """
        <doc>
           <text>First line&#x0d;&#10;Second line</text>
           <value>&#x32;</value>
           <compute><![CDATA[value>"0" && value<"10" ?"valid":"error"]]></compute>
           <compute expr='value>"0" &amp;&amp; value&lt;"10" ?"valid":"error"'>valid</compute>
           <norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/>
        </doc>
        """,
        """
        <doc>
           <text>First line&#xD;
        Second line</text>
           <value>2</value>
           <compute>value&gt;"0" &amp;&amp; value&lt;"10" ?"valid":"error"</compute>
           <compute expr="value>&quot;0&quot; &amp;&amp; value&lt;&quot;10&quot; ?&quot;valid&quot;:&quot;error&quot;">valid</compute>
           <norm attr=" '    &#xD;&#xA;&#x9;   ' "></norm>
        </doc>
        """);

    [Fact]
    public void Instructions_stay_and_comments_go() => Same("<doc><?one  two ?>a<!-- b -->c<?three?></doc>", "<doc><?one two ?>ac<?three?></doc>");

    [Fact]
    public void An_element_can_be_left_out()
    {
        var root = Read("<a> <b/> <c/> </a>");
        Assert.Equal("<a>  <c></c> </a>", Text(CanonicalXml.Exclusive(root, root["b"])));
    }

    private static void Same(string document, string form)
    {
        Assert.Equal(form, Text(CanonicalXml.Inclusive(Read(document))));
        Assert.Equal(form, Text(CanonicalXml.Inclusive(Read(form))));
    }

    private static XmlElement Read(string text) => UntrustedXml.Read(Encoding.UTF8.GetBytes(text.Trim()))!.DocumentElement!;

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
