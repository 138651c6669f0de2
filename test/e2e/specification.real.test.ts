import { test } from 'node:test';
import { missingControlPlane } from '../tools/control-plane.ts';
import { lacking } from '../tools/run-tool.ts';
import { real } from './site.ts';
import { tell } from './specification.ts';
import { tell as tellWithTerraform } from './specification-terraform.ts';

const skip = (await missingControlPlane()) ?? false;
const terraformSkip = skip || (await lacking('tofu', 'terraform-provider-kubernetes', 'kwok'));

test(`the specification on ${real.name}`, { skip }, (t) => tell(t, real));
test(`the specification with Terraform, on ${real.name}`, { skip: terraformSkip }, tellWithTerraform);
