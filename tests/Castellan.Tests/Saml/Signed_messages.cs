using System.Text;
using System.Xml;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;
using Castellan.Tests.Rfc7515;

namespace Castellan.Tests.Saml;

/// <summary>Signatures of messages (SAML core §5.4), and the ways in which they were forged elsewhere.</summary>
public sealed class Signed_messages
{
    private const string Ds = "xmlns:dsig=\"http://www.w3.org/2000/09/xmldsig#\"";

    private const string Message = """
        <samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="r1" Version="2.0"><saml:Issuer>https://idp.example</saml:Issuer><samlp:Status/>
          <saml:Assertion ID="a1"><saml:Issuer>https://idp.example</saml:Issuer><saml:Subject><saml:NameID>alice</saml:NameID></saml:Subject></saml:Assertion>
        </samlp:Response>
        """;

    public static MatrixTheoryData<string, string> Kinds { get; } = new(
        ["RSA_SHA256", "RSA_SHA384", "RSA_SHA512", "RSA_SHA256_MGF1", "RSA_SHA512_MGF1"],
        [CanonicalXml.ExclusiveMethod, CanonicalXml.ExclusiveMethod + "WithComments", CanonicalXml.InclusiveMethod, CanonicalXml.InclusiveMethod + "#WithComments"]);

    [Theory, MemberData(nameof(Kinds))]
    public void A_signature_holds_for_every_algorithm_and_form(string algorithm, string canonicalization)
    {
        var root = Signed(SamlKeys.Signer(null, algorithm, canonicalization));
        Assert.True(Taken(Sent(root)));
        Assert.False(XmlSignature.Take(Sent(root), [SamlKeys.Strange]));
        Assert.False(XmlSignature.Take(Sent(root), []));
    }

    public static MatrixTheoryData<string, string> Curves { get; } = new(["P-256", "P-384", "P-521"], ["sha256", "sha384", "sha512"]);

    /// <summary>The realm signs with none of them; others may, with any digest on any curve.</summary>
    [Theory, MemberData(nameof(Curves))]
    public void A_signature_on_a_curve_holds_by_its_key_alone(string curve, string digest)
    {
        var (key, strange) = (TestKeys.Of($"saml {curve}", () => EcKey.Generate(curve)!), TestKeys.Of($"saml {curve} strange", () => EcKey.Generate(curve)!));
        var signer = SamlKeys.Signer() with { Key = key, Algorithm = XmlSignatureAlgorithm.At("http://www.w3.org/2001/04/xmldsig-more#ecdsa-" + digest)! };
        var root = Signed(signer);
        Assert.True(XmlSignature.Take(Sent(root), [SamlKeys.Known, strange, key]));
        Assert.False(XmlSignature.Take(Sent(root), [SamlKeys.Known, strange]));

        // Nor does what stands beside it say by which kind of key it was made.
        Assert.False(XmlSignature.Take(Read(Text(root.ToBytes()).Replace("#ecdsa-", "#rsa-", StringComparison.Ordinal)), [key]));
        Assert.False(XmlSignature.Take(Read(Text(Signed().ToBytes()).Replace("#rsa-sha256", "#ecdsa-sha256", StringComparison.Ordinal)), [SamlKeys.Known, key]));
        var query = RedirectBinding.Query(RedirectBinding.Request, "<a/>"u8.ToArray(), null, signer);
        Assert.True(RedirectBinding.Verify(query, [key]));
        Assert.False(RedirectBinding.Verify(query, [strange]));
    }

    [Fact]
    public void It_stands_behind_the_issuer_and_is_gone_once_it_was_taken()
    {
        var root = Sent(Signed());
        Assert.Equal(["Issuer", "Signature", "Status", "Assertion"], root.Elements().Select(e => e.LocalName));
        Assert.True(Taken(root));
        Assert.Equal(["Issuer", "Status", "Assertion"], root.Elements().Select(e => e.LocalName));
    }

    [Fact]
    public void A_signed_assertion_holds_inside_a_signed_response_and_alone()
    {
        var root = Read(Message);
        SamlKeys.Signer().Sign(Assertion(root));
        SamlKeys.Signer().Sign(root);
        root = Sent(root);
        var alone = Read(Text(CanonicalXml.Exclusive(Assertion(root))));
        Assert.True(Taken(root));
        Assert.True(Taken(Assertion(root)));
        Assert.True(Taken(alone));
    }

    [Theory, InlineData("<dsig:SignatureValue>", "\n<dsig:SignatureValue>\n "), InlineData("<dsig:KeyInfo>", " <dsig:KeyInfo>"), InlineData("</dsig:Signature>", "</dsig:Signature><!-- signed -->")]
    public void What_is_around_the_signed_data_does_not_matter(string from, string to) =>
        Assert.True(Taken(Read(Text(Signed().ToBytes()).Replace(from, to, StringComparison.Ordinal))));

    [Fact]
    public void Sha1_is_written_where_a_client_wants_it_and_never_taken() => Assert.False(Taken(Sent(Signed(SamlKeys.Signer(null, "RSA_SHA1")))));

    /// <summary>Every change of a text that was signed, each as what is replaced by what.</summary>
    public static TheoryData<string, string, string> Changes => new()
    {
        { "another person", ">alice<", ">admin<" },
        { "a comment that cuts the name", "<saml:NameID>alice", "<saml:NameID>a<!-- -->dmin" },
        { "a further element", "<samlp:Status>", "<samlp:Extensions/><samlp:Status>" },
        { "a further attribute", " Version=", " Destination=\"x\" Version=" },
        { "a blank", "<samlp:Status>", " <samlp:Status>" },
        { "another id", "ID=\"r1\"", "ID=\"r2\"" },
        { "a reference to the whole document", "URI=\"#r1\"", "URI=\"\"" },
        { "a reference to the assertion", "URI=\"#r1\"", "URI=\"#a1\"" },
        { "a reference outside", "URI=\"#r1\"", "URI=\"http://localhost/#r1\"" },
        { "a reference by pointer", "URI=\"#r1\"", "URI=\"#xpointer(id('r1'))\"" },
        { "no reference", " URI=\"#r1\"", "" },
        { "an id twice", "ID=\"a1\"", "ID=\"r1\"" },
        { "an id twice under another name", "<samlp:Status>", "<samlp:Status Id=\"r1\">" },
        { "something before the value", "<dsig:SignatureValue>", "<dsig:Other/><dsig:SignatureValue>" },
        { "an unknown transform", "http://www.w3.org/2000/09/xmldsig#enveloped-signature", "http://www.w3.org/TR/1999/REC-xslt-19991116" },
        { "an unknown form", $"<dsig:CanonicalizationMethod Algorithm=\"{CanonicalXml.ExclusiveMethod}\"", "<dsig:CanonicalizationMethod Algorithm=\"urn:none\"" },
        { "an HMAC with what is public", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#hmac-sha1" },
        { "no algorithm", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "" },
        { "another algorithm", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" },
        { "another digest", "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1" },
        { "an object in the signature", "<dsig:KeyInfo>", "<dsig:Object><x/></dsig:Object><dsig:KeyInfo>" },
        { "two values", "<dsig:KeyInfo>", "<dsig:SignatureValue/><dsig:KeyInfo>" },
        { "two of them", "<samlp:Status>", $"<dsig:Signature {Ds}/><samlp:Status>" },
        { "two references", "</dsig:Reference>", "</dsig:Reference><dsig:Reference/>" },
        { "the signature in another place", "<dsig:Signature ", "<samlp:Extensions/><dsig:Signature " },
    };

    [Theory, MemberData(nameof(Changes))]
    public void A_changed_message_is_not_what_was_signed(string change, string from, string to)
    {
        Assert.NotEmpty(change);
        var sent = Text(Signed().ToBytes());
        Assert.Contains(from, sent, StringComparison.Ordinal);
        Assert.False(Taken(Read(sent.Replace(from, to, StringComparison.Ordinal))));
    }

    /// <summary>A signed assertion, moved to where it still checks out while another stands where it is read (the eight of "On Breaking SAML", and kin).</summary>
    public static TheoryData<string, string> Wrappings => new()
    {
        { "1: a forged response around the signature and the signed one", "FORGED(SIGNATURE(SIGNED))" },
        { "2: a forged response with the signature detached before the signed one", "FORGED(SIGNED,SIGNATURE)" },
        { "3: a forged assertion before the signed one", "RESPONSE(EVIL,ASSERTION)" },
        { "4: a forged assertion around the signed one", "RESPONSE(EVIL(ASSERTION))" },
        { "5: the signature in a forged assertion, the signed one at the end", "RESPONSE(EVIL(ASIGNATURE),BARE)" },
        { "6: the signed one inside the signature", "RESPONSE(EVIL(ASIGNATURE(BARE)))" },
        { "7: the signed one in extensions", "RESPONSE(EXTENSIONS(BARE),EVIL(ASIGNATURE))" },
        { "8: the signed one in an object of the signature", "RESPONSE(EVIL(ASIGNATURE(OBJECT(BARE))))" },
    };

    [Theory, MemberData(nameof(Wrappings))]
    public void A_signature_says_nothing_of_what_is_wrapped_around_it(string wrapping, string shape)
    {
        Assert.NotEmpty(wrapping);
        var root = Sent(Signed());
        var assertions = Read(Message);
        SamlKeys.Signer().Sign(Assertion(assertions));
        assertions = Sent(assertions);
        var forged = Build(shape, root, Assertion(assertions));
        Assert.False(XmlSignature.Take(forged, [SamlKeys.Known]));

        // Read is the first assertion in its place; it is never one that a signature was found good for, unless it is the signed one itself.
        foreach (var assertion in forged.Elements("Assertion", SamlNames.Assertion).ToList())
        {
            var evil = assertion.Attribute("ID") == "evil";
            Assert.False(XmlSignature.Take(assertion, [SamlKeys.Known]) && evil);
        }
    }

    private static XmlElement Build(string shape, XmlElement signed, XmlElement assertion)
    {
        var signature = signed.Element("Signature", SamlNames.Signature)!.OuterXml;
        var own = assertion.Element("Signature", SamlNames.Signature)!;
        var bare = (XmlElement)assertion.CloneNode(deep: true);
        bare.RemoveChild(bare.Element("Signature", SamlNames.Signature)!);
        var start = "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"forged\">";
        var evil = "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"evil\"><saml:Issuer>https://idp.example</saml:Issuer>";
        var person = "<saml:Subject><saml:NameID>admin</saml:NameID></saml:Subject></saml:Assertion>";
        string Inside(string outer, string inner) => outer[..outer.LastIndexOf("</", StringComparison.Ordinal)] + inner + outer[outer.LastIndexOf("</", StringComparison.Ordinal)..];
        var body = shape switch
        {
            "FORGED(SIGNATURE(SIGNED))" => Inside(signature, signed.OuterXml),
            "FORGED(SIGNED,SIGNATURE)" => signed.OuterXml + signature,
            "RESPONSE(EVIL,ASSERTION)" => evil + person + assertion.OuterXml,
            "RESPONSE(EVIL(ASSERTION))" => evil + assertion.OuterXml + person,
            "RESPONSE(EVIL(ASIGNATURE),BARE)" => evil + own.OuterXml + person + bare.OuterXml,
            "RESPONSE(EVIL(ASIGNATURE(BARE)))" => evil + Inside(own.OuterXml, bare.OuterXml) + person,
            "RESPONSE(EXTENSIONS(BARE),EVIL(ASIGNATURE))" => $"<samlp:Extensions>{bare.OuterXml}</samlp:Extensions>" + evil + own.OuterXml + person,
            _ => evil + Inside(own.OuterXml, $"<dsig:Object {Ds}>{bare.OuterXml}</dsig:Object>") + person,
        };
        return Read(start + body + "</samlp:Response>");
    }

    private static XmlElement Signed(XmlSigner? signer = null)
    {
        var root = Read(Message);
        (signer ?? SamlKeys.Signer()).Sign(root);
        return root;
    }

    private static bool Taken(XmlElement element) => XmlSignature.Take(element, [SamlKeys.Strange, SamlKeys.Known]);

    private static XmlElement Assertion(XmlElement root) => root.Only("Assertion", SamlNames.Assertion)!;

    private static XmlElement Sent(XmlElement root) => Read(Text(root.ToBytes()));

    private static XmlElement Read(string text) => UntrustedXml.Read(Encoding.UTF8.GetBytes(text.Trim()))!.DocumentElement!;

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
