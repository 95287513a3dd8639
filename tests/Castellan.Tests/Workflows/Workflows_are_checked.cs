using System.Text.Json;
using Castellan.Core.Representations;
using Castellan.Core.Workflows;

namespace Castellan.Tests.Workflows;

public sealed class Workflows_are_checked
{
    [Theory]
    [InlineData("user-created", "user-created")]
    [InlineData("user-group-membership-added(/Contractors) or USER_CREATED", "user-group-membership-added USER_CREATED")]
    [InlineData("!has-role(clerk) and (is-member-of(/a b) or not has-user-attribute(k:v))", "has-role is-member-of has-user-attribute")]
    [InlineData("notary", "notary")]
    [InlineData("a and", null)]
    [InlineData("(a", null)]
    [InlineData("a b", null)]
    [InlineData("a(b", null)]
    [InlineData("", null)]
    public void Expressions_are_read(string text, string? names) => Assert.Equal(names?.Split(' '), BooleanExpression.Names(text));

    [Fact]
    public void Nesting_has_an_end() => Assert.Null(BooleanExpression.Names(new string('(', 100_000) + "a"));

    [Theory]
    [InlineData("30", 30d)]
    [InlineData("2m", 120d)]
    [InlineData("12h", 43_200d)]
    [InlineData("1d", 86_400d)]
    [InlineData("1500ms", 1.5)]
    [InlineData("PT10S", 10d)]
    [InlineData("-5", -5d)]
    [InlineData("soon", null)]
    [InlineData("99999999999999999999d", null)]
    public void Times_are_read(string text, double? seconds) => Assert.Equal(seconds, WorkflowDurations.Parse(text)?.TotalSeconds);

    [Theory]
    [InlineData("""{"name":"w"}""", null)]
    [InlineData("""{"name":"w","on":"user-created","if":"has-role(a)","steps":[{"uses":"disable-user","after":"90d"}]}""", null)]
    [InlineData("""{"name":" "}""", "name")]
    [InlineData("""{"name":"taken"}""", "already exists")]
    [InlineData("""{"name":"w","on":"moon-risen"}""", "Could not find provider factory with id: moon-risen")]
    [InlineData("""{"name":"w","if":"user-created"}""", "Could not find provider factory with id: user-created")]
    [InlineData("""{"name":"w","concurrency":{"cancel-in-progress":"nonsense"}}""", "Could not find provider factory with id: nonsense")]
    [InlineData("""{"name":"w","concurrency":{"restart-in-progress":"true"}}""", null)]
    [InlineData("""{"name":"w","steps":[{}]}""", "'uses'")]
    [InlineData("""{"name":"w","steps":[{"uses":"fly"}]}""", "Could not find step provider: fly")]
    [InlineData("""{"name":"w","steps":[{"uses":"disable-user","after":"-1"}]}""", "negative")]
    [InlineData("""{"name":"w","steps":[{"uses":"disable-user","after":"soon"}]}""", "not valid: soon")]
    [InlineData("""{"name":"w","steps":[{"uses":"restart"},{"uses":"disable-user","after":"1"}]}""", "last step")]
    [InlineData("""{"name":"w","steps":[{"uses":"restart"},{"uses":"restart"}]}""", "only one")]
    [InlineData("""{"name":"w","steps":[{"uses":"notify-user"},{"uses":"restart"}]}""", "No scheduled step found if restarting at position 0")]
    [InlineData("""{"name":"w","steps":[{"uses":"notify-user","after":"1d"},{"uses":"restart"}]}""", null)]
    [InlineData("""{"name":"w","steps":[{"uses":"notify-user","after":"1d"},{"uses":"restart","with":{"position":"7"}}]}""", "position")]
    public void Each_rule_has_its_words(string workflow, string? words)
    {
        var refusal = WorkflowRules.Refuse(JsonSerializer.Deserialize(workflow, AdminJson.Default.WorkflowRepresentation)!, ["taken"]);
        if (words is null)
        {
            Assert.Null(refusal);
        }
        else
        {
            Assert.Contains(words, refusal);
        }
    }
}
