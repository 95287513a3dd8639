using System.Buffers;
using System.Text;
using System.Text.Json;
using Castellan.Protocol.Messages;

namespace Castellan.Tests.Http;

public class Texts_in_json
{
    [Theory]
    [InlineData("Zoë 😀 한국 \u2028\u007f\ue000", "Zoë 😀 한국 \u2028\u007f\ue000")]
    [InlineData("<a href='&'>+", "<a href='&'>+")]
    [InlineData("a\"b\\c\n\t\u0001", "a\\\"b\\\\c\\n\\t\\u0001")]
    [InlineData("😀\"😀", "😀\\\"😀")]
    public void Stand_as_they_are_where_json_lets_them(string text, string written)
    {
        Assert.Equal($"{{\"{written}\":\"{written}\"}}", Write(json => json.WriteString(text, text)));
        var utf8 = Encoding.UTF8.GetBytes(text);
        Assert.Equal($"{{\"{written}\":\"{written}\"}}", Write(json => json.WriteString(utf8, utf8)));
    }

    [Fact]
    public void Are_whole_where_half_of_a_pair_is_given() =>
        Assert.Equal("{\"a\":\"\uFFFDb\"}", Write(json => json.WriteString("a", [(char)0xD83D, 'b'])));

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = PlainJson.Encoder }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
