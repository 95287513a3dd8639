using System.Text.Json.Nodes;
using Castellan.Protocol.Yaml;

namespace Castellan.Tests.Workflows;

public sealed class Yaml_is_read
{
    [Theory]
    [InlineData("--- []", "[]")]
    [InlineData("name: a", """{"name":"a"}""")]
    [InlineData("---\n# a comment\nname: \"a: \\u00e9\" # behind\non: 'it''s'\n", """{"name":"a: é","on":"it's"}""")]
    [InlineData("steps:\n- uses: a\n  with:\n    role: b\n- uses: c\n  after: 90d", """{"steps":[{"uses":"a","with":{"role":"b"}},{"uses":"c","after":"90d"}]}""")]
    [InlineData("steps:\n  - uses: a\n\n  -\n    uses: b", """{"steps":[{"uses":"a"},{"uses":"b"}]}""")]
    [InlineData("a: [b, 'c, d', {e: f}]", """{"a":["b","c, d",{"e":"f"}]}""")]
    [InlineData("a: |\n  one\n    two\n\n  three\nb: c", """{"a":"one\n  two\n\nthree\n","b":"c"}""")]
    [InlineData("a: >-\n  one\n  two\n\n  three", """{"a":"one two\nthree"}""")]
    [InlineData("a: one\n  two", """{"a":"one two"}""")]
    [InlineData("a: has-role(x) # y\nb: user#1", """{"a":"has-role(x)","b":"user#1"}""")]
    [InlineData("a:\nb: ~", """{"a":null,"b":null}""")]
    [InlineData("a: http://example.org/x", """{"a":"http://example.org/x"}""")]
    [InlineData("- - a\n  - b\n- c", """[["a","b"],"c"]""")]
    public void As_people_write_it(string yaml, string json)
    {
        var read = YamlReader.Read(yaml);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), read), read?.ToJsonString());
    }

    [Theory]
    [InlineData("a: b\na: c")]
    [InlineData("a: b\n   c: d")]
    [InlineData("\ta: b")]
    [InlineData("a: [b")]
    [InlineData("a: \"b")]
    [InlineData("a: &anchor b")]
    [InlineData("a: !!java/object b")]
    [InlineData("a: [b] c")]
    [InlineData("a: b\n---\nc: d")]
    public void And_refused_where_it_is_broken_or_more_than_we_read(string yaml) => Assert.Null(YamlReader.Read(yaml));

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    public void However_deep(string opening) => Assert.Null(YamlReader.Read(string.Concat(Enumerable.Repeat(opening, 50_000))));

    [Theory]
    [InlineData("""{"name":"a \"b\"","steps":[{"uses":"c","with":{"x y":["d","e"]}}],"n":3,"e":[],"o":{}}""")]
    [InlineData("""[{"a":"b","c":"d"},{"e":"f"}]""")]
    [InlineData("[]")]
    public void And_what_is_written_reads_back(string json)
    {
        var yaml = YamlWriter.Write(JsonNode.Parse(json)!);
        var expected = json.Replace(":3", ":\"3\"", StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), YamlReader.Read(yaml)), yaml);
    }
}
