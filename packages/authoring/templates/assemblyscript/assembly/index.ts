@json
class GreetInput {
  name: string = "";
}

@json
class GreetOutput {
  text: string = "";
}

@action
export function greet(input: GreetInput): GreetOutput {
  const output = new GreetOutput();
  output.text = "Hello, " + input.name;
  return output;
}
