"""Plays scripted executions in LocalStack's Step Functions interpreter: scripts in, histories and waits out, as JSON."""

import json
import logging
import sys
import types

logging.disable(logging.CRITICAL)

# What the interpreter imports and these machines never use: a JVM for expressions, and code of Python 3.13.
for name in (
    "jpype",
    "jpype.imports",
    "localstack.services.stepfunctions.packages",
    "localstack.services.events.utils",
):
    sys.modules[name] = types.ModuleType(name)
sys.modules["localstack.services.stepfunctions.packages"].jpype_jsonata_package = None
sys.modules["localstack.services.events.utils"].to_json_str = json.dumps

from jsonata import Jsonata
from localstack.aws.api.stepfunctions import StateMachineType
from localstack.services.stepfunctions.asl.component.common.retry import retrier_decl
from localstack.services.stepfunctions.asl.component.common.timeouts.timeout import EvalTimeoutError
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task import lambda_eval_utils
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import (
    state_task_service_callback as callbacks,
)
from localstack.services.stepfunctions.asl.component.state.state_wait.wait_function.wait_function import WaitFunction
from localstack.services.stepfunctions.asl.eval import states, variable_store
from localstack.services.stepfunctions.asl.eval.callback.callback import (
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
)
from localstack.services.stepfunctions.asl.eval.evaluation_details import (
    AWSExecutionDetails,
    EvaluationDetails,
    ExecutionDetails,
    StateMachineDetails,
)
from localstack.services.stepfunctions.asl.jsonata import jsonata
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser
from localstack.services.stepfunctions.backend.execution_worker import SyncExecutionWorker

compiled = {}


def evaluate(expression):
    try:
        return Jsonata(expression).evaluate(None)
    except Exception as error:
        raise jsonata.JSONataException("UNKNOWN", str(error))


jsonata._eval_jsonata = evaluate


# It pastes strings into expressions as they are; one with a quotation mark in it would end too early.
def declared(bindings):
    return "".join(f"{name}:={json.dumps(value, default=str)};" for name, value in bindings.items())


for module in (jsonata, states, variable_store):
    module.encode_jsonata_variable_declarations = declared


class Script:
    """The answers of one execution, in the order in which they are asked for."""

    def __init__(self, answers):
        self.answers = answers
        self.next = 0
        self.token = None
        self.waits = []
        self.asked = []

    def answer(self, parameters, *_, **__):
        if self.next == len(self.answers):
            raise SystemExit("it asks for more answers than the script has")
        answer = self.answers[self.next]
        self.next += 1
        self.asked.append(parameters["FunctionName"])
        if answer["kind"] == "timeout":
            raise EvalTimeoutError()
        if answer["kind"] == "error":
            failure = {"errorType": answer["name"], "errorMessage": answer["message"], "trace": []}
            return {"FunctionError": "Unhandled", "Payload": failure, "StatusCode": 200}
        self.token = answer.get("token")
        return {"StatusCode": 200, "ExecutedVersion": parameters["FunctionName"].split(":")[-1], "Payload": answer.get("payload")}

    def outcome(self, _, timeout_seconds, callback_endpoint):
        name = callback_endpoint.callback_id
        if self.token["kind"] == "success":
            return CallbackOutcomeSuccess(name, json.dumps(self.token["output"]))
        if self.token["kind"] == "failure":
            return CallbackOutcomeFailure(name, self.token["error"], self.token["cause"])
        raise EvalTimeoutError()


current = None
retrier_decl.time = types.SimpleNamespace(sleep=lambda _: None)
lambda_eval_utils._invoke_lambda_function = lambda *given, **named: current.answer(*given, **named)
callbacks.StateTaskServiceCallback._wait_for_task_token_timeout = lambda *given, **named: current.outcome(
    *given, **named
)
WaitFunction._wait_interval = lambda _, env, wait_seconds: current.waits.append(wait_seconds)


class Ended:
    def terminated(self):
        pass


def play(case, definition):
    global current
    current = Script(case["answers"])
    machine = case["machine"]
    region, account = machine.split(":")[3:5]
    role = case["role"]
    name = case["name"]
    worker = SyncExecutionWorker(
        EvaluationDetails(
            AWSExecutionDetails(account, region, role),
            ExecutionDetails(
                machine.replace(":stateMachine:", ":execution:") + ":" + name, name, role, case["input"], case["start"]
            ),
            StateMachineDetails(machine, machine.split(":")[-1], StateMachineType.STANDARD, definition),
        ),
        Ended(),
        None,
        {},
    )
    worker.start()
    history = worker.env.event_manager.get_event_history()
    return {"events": history, "waits": current.waits, "asked": current.asked, "left": len(current.answers) - current.next}


parse = AmazonStateLanguageParser.parse
parsed = {}
AmazonStateLanguageParser.parse = staticmethod(
    lambda text: parsed[text] if text in parsed else parsed.setdefault(text, parse(text))
)

given = json.load(sys.stdin)
definition = json.dumps(given["definition"])
json.dump([play(case, definition) for case in given["cases"]], sys.stdout, default=str)
